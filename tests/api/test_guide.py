"""docs/api.md is run literally: every block marked `sh`, in its order, in one shell's variables, against a running server.

Once with the suite's own curl and openssl (`programs/`), which every machine has, and once with the machine's own.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from compliance.models import Case
from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.api import actions
from pharmacrm.imports.models import ImportJob

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
BACK = "https://tool.example/back"
OF_THE_SERVER = "manage.py"  # what a shell on the server does is tested beside the command
PROGRAMS = Path(__file__).parent / "programs"
STAND_INS = ("curl", "openssl")
OWN = (
    () if all(map(shutil.which, STAND_INS)) else STAND_INS
)  # what of the machine's own is not there is stood in for
pytestmark = pytest.mark.django_db(transaction=True)


def blocks():
    text = GUIDE.read_text(encoding="utf-8")
    found = re.findall(r"^( *)```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


class Shell:
    """One shell whose variables and functions last from block to block."""

    def __init__(self, folder, stand_ins, **variables):
        self.folder, self.kept = folder, folder / "kept.sh"
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in stand_ins:
            program = self.programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAMS / name}.py" "$@"\n')
            program.chmod(0o755)
        self.kept.write_text("".join(f"{name}='{value}'\n" for name, value in variables.items()))

    def run(self, block):
        script = f"set -eu -o pipefail\n. ./kept.sh\n{block}\n{{ declare -p BASE ID TOKEN SECRET CODE VERIFIER REFRESH STATE CHALLENGE JOB 2>/dev/null || true; declare -f; }} > kept.sh\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=os.environ | {"PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def give(self, **variables):
        with self.kept.open("a") as kept:
            kept.writelines(f"{name}='{value}'\n" for name, value in variables.items())


@pytest.mark.parametrize("stand_ins", sorted({STAND_INS, OWN}))
def test_every_command_of_the_guide_does_what_it_says(live_server, tmp_path, person, client, stand_ins):
    loader, rep = person("loader", Role.SERVICE, name="Loader"), person("lin", Role.REP, name="林岚")
    at = timezone.now()
    data = actions.create_client(name="Warehouse", service_account=loader, redirect_uris="", by=None, at=at)
    tool = actions.create_client(name="Field tool", service_account=None, redirect_uris=BACK, by=None, at=at)
    shell = Shell(tmp_path, stand_ins, BASE=live_server.url, ID=data.client_id, SECRET=data.client_secret)
    said = {}

    for number, block in enumerate(one for one in blocks() if OF_THE_SERVER not in one):
        if "VERIFIER=" in block:
            shell.give(ID=tool.client_id)
        if "-F kind=hospital" in block:
            shell.give(ID=data.client_id)
            shell.run(next(one for one in blocks() if "client_credentials" in one))
        said[number] = shell.run(block)
        if "VERIFIER=" in block:
            shell.give(CODE=_allowed(client, rep, said[number].strip().splitlines()[-1]))

    told = "\n".join(said.values())
    assert '"acts_as_person":false' in told
    assert '"acts_as_person":true' in told
    assert "checking" in told or "checked" in told
    assert "unknown_level" in told or "江口医院" in told
    assert ImportJob.objects.get().state == "undone"
    assert Hospital.objects.count() == 0
    assert Case.objects.get().source == "hotline"
    assert len(said) >= 7


def _allowed(client, rep, address):
    """Do what the person does in the browser: sign in, read, allow. Return the code the application gets."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    client.force_login(rep)
    answer = client.post("/o/authorize/", {**asked, "allow": "true"}, query_params=asked)
    client.logout()
    found = parse_qs(urlsplit(answer["Location"]).query)
    assert found["state"] == [asked["state"]]
    return found["code"][0]
