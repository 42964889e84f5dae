"""An inspector's pack is whole, is checked by Python alone, and shows each thing that is done to it."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from compliance import actions as law
from compliance.actions.inspection import PackNotMade, ask_for_pack, make_pack, remove_packs
from compliance.actions.sealing import seal
from compliance.choices import PackState
from compliance.facts import NoteFacts
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import published_key
from compliance.selectors.packs import packs_visible_to, scope
from compliance.selectors.packs.finding import subjects_meant
from compliance.selectors.versions import sha256_of
from compliance.verify import verify as program
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory
from pharmacrm.common import files
from pharmacrm.common.models import OutboxMessage
from tests.compliance.attacks import write_record
from tests.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector(person):
    return person("inspector", Role.INSPECTOR, name="秦川")


@pytest.fixture
def second_officer(person):
    return person("officer2", Role.COMPLIANCE, name="吴双")


@pytest.fixture
def territory(officer, second_officer):
    write_record(officer, second_officer, acts=9)
    return Territory.objects.order_by("code").last()


def _made(subject="", since=None, until=None, *, by):
    pack = ask_for_pack(subject=subject, since=since, until=until, reason="药监局现场检查", by=by, at=AT)
    return make_pack(pack_id=pack.pk, at=AT + timedelta(days=2))


def _unpacked(pack, folder):
    with files.open_verified(pack.file) as content:
        zipfile.ZipFile(content).extractall(folder)
    return folder


def _check(folder, *more):
    answer = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), "pack", str(folder), "--key", published_key(), *map(str, more)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return answer.returncode, answer.stdout


def test_a_pack_about_a_record_holds_its_acts_with_history_and_proofs_and_checks_elsewhere(
    territory, inspector, tmp_path
):
    pack = _made(f"territory:{territory.pk}", by=inspector)

    folder = _unpacked(pack, tmp_path)
    assert (pack.state, pack.counts["acts"], pack.counts["records"]) == (PackState.READY, 1, 2)
    code, said = _check(folder)
    assert (code, said.startswith("agrees: 1 acts, 2 records, ")) == (0, True)
    assert said.endswith(f" files; checkpoint of {pack.checkpoint_size} entries\n")
    history = (folder / "history-001.html").read_text("utf-8")
    assert f"<del>{territory.name.replace('大区', '辖区')}</del> → <ins>{territory.name}</ins>" in history
    assert "第 6 次调整" in (folder / "acts-001.html").read_text("utf-8")
    assert "药监局现场检查" in (folder / "index.html").read_text("utf-8")


def test_a_pack_of_days_holds_signatures_verdicts_and_the_rule_texts(territory, officer, inspector, tmp_path):
    law.adopt_book(by=officer, at=AT, adopt_policies=True)
    verdict = law.judge(
        "note.accept",
        NoteFacts(place="visit.note", categories=("prescription_counts",)),
        subject="note:1",
        by=officer,
        at=AT,
    )
    law.record("test.noted", subject="note:1", by=officer, at=AT, verdict=verdict)

    pack = _made(since=AT.date(), until=AT.date() + timedelta(days=1), by=inspector)

    folder = _unpacked(pack, tmp_path)
    assert _check(folder)[0] == 0
    assert pack.counts["signatures"] == 3 == len(json.loads((folder / "records/signatures.json").read_text()))
    assert pack.counts["verdicts"] >= 4
    assert pack.counts["rules"] == len(set(verdict.rules))
    judged = verdict.refusals[0].rule
    assert f'id="{judged}"' in (folder / "rules.html").read_text("utf-8")
    assert judged in (folder / "verdicts.html").read_text("utf-8")
    assert "吴双" in (folder / "signatures.html").read_text("utf-8")


def test_a_pack_about_a_person_holds_what_they_did(territory, officer, inspector):
    pack = _made(f"user:{officer.pk}", by=inspector)

    acts = LedgerEntry.objects.filter(actor=officer)
    assert pack.counts["acts"] >= acts.count() > 5


@pytest.mark.parametrize(
    "name", ["index.html", "records/rows.json", "growth.json", "checkpoint", "verify.py", "manifest.json"]
)
@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_each_harmed_file_of_a_pack_is_named(territory, inspector, tmp_path, name, harm):
    folder = _unpacked(_made(f"territory:{territory.pk}", by=inspector), tmp_path)
    good = Path(program.__file__).read_bytes()
    path = folder / name
    content = bytearray(path.read_bytes())
    if harm == "changed":
        content[len(content) // 2] ^= 1
    path.unlink() if harm == "gone" else path.write_bytes(
        content[: len(content) // 2] if harm == "cut" else content
    )
    outsider = tmp_path.parent / "kept.py"
    outsider.write_bytes(good)

    answer = subprocess.run([sys.executable, "-I", str(outsider), "pack", str(folder), "--key", published_key()], capture_output=True, text=True, check=False)  # fmt: skip

    assert (answer.returncode, answer.stdout.startswith("DIFFERS")) == (1, True)
    assert name in answer.stdout or name == "manifest.json"


def test_a_pack_with_a_forged_act_and_a_fitting_manifest_is_refused(territory, inspector, tmp_path):
    folder = _unpacked(_made(f"territory:{territory.pk}", by=inspector), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    name = next(name for name in manifest["files"] if name.startswith("receipts/"))
    receipt = json.loads((folder / name).read_text("utf-8"))
    receipt["entry"] = receipt["entry"].replace("周正", "别人")
    _rewrite(folder, manifest, name, json.dumps(receipt, ensure_ascii=False))

    assert _check(folder) == (1, "DIFFERS: the proof does not lead to the root\n")


def test_a_record_that_no_act_wrote_is_refused_in_a_pack(territory, inspector, tmp_path):
    folder = _unpacked(_made(f"territory:{territory.pk}", by=inspector), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    rows = json.loads((folder / "records/rows.json").read_text("utf-8"))
    _rewrite(folder, manifest, "records/rows.json", json.dumps([rows[0].replace("辖区", "别区"), rows[1]]))

    code, said = _check(folder)

    assert (code, "no act wrote this record" in said) == (1, True)


def _rewrite(folder, manifest, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    manifest["files"][name] = sha256_of(text)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def test_a_truncated_zip_is_refused(territory, inspector, tmp_path):
    pack = _made(f"territory:{territory.pk}", by=inspector)
    with files.open_verified(pack.file) as content:
        whole = content.read()
    path = tmp_path / "pack.zip"
    path.write_bytes(whole)
    assert program.main(["pack", str(path), "--key", published_key()]) == 0

    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert program.main(["pack", str(path), "--key", published_key()]) == 1


def test_a_checkpoint_kept_before_joins_the_pack_and_one_of_another_log_does_not(
    territory, inspector, officer, tmp_path
):
    kept = tmp_path / "kept"
    kept.write_text(Checkpoint.objects.order_by("size").first().note)
    law.record("test.done", subject="x:1", by=officer, at=AT + timedelta(days=1))
    seal(at=AT + timedelta(days=1, minutes=1), sign_now=True, anchor=False)
    folder = _unpacked(_made(f"territory:{territory.pk}", by=inspector), tmp_path / "pack")

    assert _check(folder, "--checkpoint", kept)[0] == 0
    other = tmp_path / "other"
    other.write_text(kept.read_text().replace("pharmacrm/ledger", "pharmacrm/other"))
    assert _check(folder, "--checkpoint", other)[0] == 1


def test_only_those_who_read_everything_take_a_pack_out(rep, territory):
    before = LedgerEntry.objects.count()

    with pytest.raises(PermissionDenied):
        ask_for_pack(subject=f"territory:{territory.pk}", since=None, until=None, reason="x", by=rep, at=AT)

    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize(
    ("subject", "since", "until"),
    [("", None, None), ("", AT.date(), None), ("nonsense:1", None, None), ("doctor:not-a-key", None, None),
     ("", AT.date(), AT.date() - timedelta(days=1))],
)  # fmt: skip
def test_a_pack_about_nothing_is_refused_and_nothing_is_asked_for(inspector, subject, since, until):
    with pytest.raises(PackNotMade):
        ask_for_pack(subject=subject, since=since, until=until, reason="x", by=inspector, at=AT)

    assert not OutboxMessage.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_asking_is_recorded_with_its_reason_and_making_twice_makes_one(territory, inspector):
    pack = ask_for_pack(subject=f"territory:{territory.pk}", since=None, until=None, reason="飞行检查", by=inspector, at=AT)  # fmt: skip
    asked = LedgerEntry.objects.get(event="compliance.pack_asked")
    assert (asked.reason, asked.actor) == ("飞行检查", inspector)
    assert OutboxMessage.objects.filter(task="compliance.make_pack").count() == 1

    first = make_pack(pack_id=pack.pk, at=AT)
    second = make_pack(pack_id=pack.pk, at=AT + timedelta(minutes=1))

    assert first.file_id == second.file_id
    assert LedgerEntry.objects.filter(event="compliance.pack_made").count() == 1


def test_a_choice_too_large_fails_with_words_instead_of_filling_the_disk(territory, inspector, monkeypatch):
    monkeypatch.setattr(scope, "MOST_ACTS", 3)

    pack = _made(since=AT.date(), until=AT.date() + timedelta(days=1), by=inspector)

    assert pack.state == PackState.FAILED
    pack.job.refresh_from_db()
    assert "3" in pack.job.error


def test_the_file_of_a_pack_goes_when_its_days_are_over_and_the_record_stays(territory, inspector):
    pack = _made(f"territory:{territory.pk}", by=inspector)
    sha256, name = pack.file.sha256, files.path_of(pack.file.sha256)
    assert default_storage.exists(name)

    assert remove_packs(on=pack.keep_until - timedelta(days=1), at=AT) == 0
    assert remove_packs(on=pack.keep_until, at=AT) == 1
    files.forget(sha256)

    pack.refresh_from_db()
    assert (pack.state, pack.file) == (PackState.REMOVED, None)
    assert not default_storage.exists(name)
    assert LedgerEntry.objects.filter(event="compliance.pack_removed", subject=f"pack:{pack.pk}").exists()
    assert files.forget(sha256) is False


def test_the_command_writes_a_pack_with_its_fingerprint_on_record(territory, tmp_path, capsys):
    path = tmp_path / "out.zip"

    call_command("export_pack", f"territory:{territory.pk}", to=path, reason="检查")

    assert program.main(["pack", str(path), "--key", published_key()]) == 0
    entry = LedgerEntry.objects.get(event="compliance.pack_exported")
    assert entry.reason == f"检查; sha256 {__import__('hashlib').sha256(path.read_bytes()).hexdigest()}"
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_pack", f"territory:{territory.pk}", to=path, reason="检查")


def test_the_page_asks_shows_and_hands_out_and_each_download_is_recorded(
    territory, inspector, client, django_capture_on_commit_callbacks
):
    client.force_login(inspector)
    page = client.get(reverse("compliance:pack-list"), {"subject": f"user:{inspector.pk}"})
    assert page.context["form"].initial == {"kind": "user", "which": str(inspector.pk)}

    answer = client.post(
        reverse("compliance:pack-list"), {"kind": "user", "which": "officer", "reason": "飞行检查"}
    )

    url = answer["Location"]
    pack = make_pack(pack_id=url.split("/")[-2], at=AT)
    assert "officer" not in client.get(url).content.decode() or pack.state == PackState.READY
    got = client.get(reverse("compliance:pack-file", args=[pack.pk]))
    assert zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))).testzip() is None
    assert LedgerEntry.objects.get(event="compliance.pack_downloaded").actor == inspector


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_pack_speaks_the_language_of_who_asked(territory, inspector, tmp_path, language):
    with translation.override(language):
        pack = _made(f"territory:{territory.pk}", by=inspector)

    folder = _unpacked(pack, tmp_path)

    words = {"zh-hans": "能证明什么，不能证明什么", "en": "What it proves, and what it does not"}[language]
    assert words in (folder / "index.html").read_text("utf-8")
    assert "<script" not in "".join(path.read_text("utf-8") for path in folder.glob("*.html"))


def test_a_pack_leaves_out_the_cases_whose_team_the_asker_is_not_on(
    territory, officer, second_officer, inspector, tmp_path
):
    case = law.open_case(
        kind="visit", title="举报：虚假拜访", subject=f"territory:{territory.pk}", by=officer, at=AT
    )

    outside = _made(f"territory:{territory.pk}", by=second_officer)
    inside = _made(f"territory:{territory.pk}", by=officer)

    folder = _unpacked(outside, tmp_path)
    assert "举报" not in "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())
    assert inside.counts["acts"] > outside.counts["acts"]
    with pytest.raises(PackNotMade):
        ask_for_pack(subject=f"case:{case.pk}", since=None, until=None, reason="x", by=second_officer, at=AT)
    assert list(packs_visible_to(second_officer)) == [outside]
    assert set(packs_visible_to(inspector)) == {inside, outside}


def test_people_name_a_record_by_login_name_address_or_code(officer):
    territory = Territory.objects.create(code="HD-01", name="华东一区", path="/HD-01/")

    assert subjects_meant("user", "officer") == [f"user:{officer.pk}"]
    assert subjects_meant("user", f"https://crm.example/people/{officer.pk}/") == [f"user:{officer.pk}"]
    assert subjects_meant("territory", "hd-01") == [f"territory:{territory.pk}"]
    assert subjects_meant("user", "nobody") == []
