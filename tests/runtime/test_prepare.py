"""What `make run` prints of the demonstration."""

import pytest

from pharmacrm.runtime.demo.logins import PASSWORD, write_logins


@pytest.mark.django_db
def test_one_login_a_role_is_left_for_the_supervisor_to_print(settings, tmp_path, rep, other_rep, officer):
    settings.HOME = tmp_path

    write_logins()

    lines = (tmp_path / "run" / "demo-logins.txt").read_text().splitlines()
    assert [line.split()[:2] for line in lines[1:-1]] == [["compliance", "officer"], ["rep", "rep"]]
    assert PASSWORD in lines[0]
    assert "demo_code" in lines[-1]
