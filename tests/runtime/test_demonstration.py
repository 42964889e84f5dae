"""The demonstration is written while its first pages are served, and never taken for whole before it is."""

import inspect

import pytest

from pharmacrm.runtime import demonstration
from pharmacrm.runtime.demo import company
from pharmacrm.runtime.home import Home
from pharmacrm.runtime.supervisor import CannotStart, Supervisor


def test_the_parts_are_counted_as_the_seed_says_them():
    assert inspect.getsource(company.seed).count("    say(") == demonstration.PARTS


def test_what_is_noted_is_read_until_it_is_finished(tmp_path):
    assert demonstration.parts_done(tmp_path) is None

    demonstration.note(tmp_path, 3)

    assert demonstration.parts_done(tmp_path) == 3
    demonstration.finished(tmp_path)
    assert demonstration.parts_done(tmp_path) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-Hans", f"数据正在写入（3 / {demonstration.PARTS}）"), ("en", f"3 of {demonstration.PARTS} parts")],
)
def test_every_page_says_so_meanwhile(client, settings, tmp_path, language, words):
    settings.DEMO, settings.HOME = True, tmp_path
    demonstration.note(tmp_path, 3)

    meanwhile = client.get("/accounts/login/", headers={"accept-language": language}).content.decode()
    demonstration.finished(tmp_path)
    afterwards = client.get("/accounts/login/", headers={"accept-language": language}).content.decode()

    assert words in meanwhile
    assert words not in afterwards


def test_a_half_written_demonstration_is_never_used_for_real_work(tmp_path, monkeypatch):
    home = Home.at(tmp_path / "var")
    demonstration.note(home.path, 3)
    monkeypatch.setenv("PHARMACRM_DEMO", "0")

    with pytest.raises(CannotStart, match="PHARMACRM_DEMO=1"):
        Supervisor(home, port=1).prepare()


def test_a_database_of_ones_own_is_not_put_aside(tmp_path, monkeypatch):
    home = Home.at(tmp_path / "var")
    demonstration.note(home.path, 3)
    monkeypatch.setenv("PHARMACRM_DEMO", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///somewhere")

    with pytest.raises(CannotStart, match="Empty the database"):
        Supervisor(home, port=1).prepare()
