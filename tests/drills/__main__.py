"""`make drill`: every drill, or those named; NAME=VALUE sets how much one does."""

import os
import sys

import django

for told in [one for one in sys.argv[1:] if "=" in one]:  # make drill ARGS="P2 LEDGER_ATTACKS=1000"
    name, _is, value = told.partition("=")
    os.environ[name] = value
    sys.argv.remove(told)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
os.environ.setdefault("PHARMACRM_EXAMPLES", "afresh")
django.setup()

from django.core.management import call_command  # noqa: E402

from bench.measure import main  # noqa: E402
from pharmacrm.runtime.home import ROOT  # noqa: E402
from tests import drills  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", interactive=False, verbosity=0)
    call_command("guard_tables", stdout=open(os.devnull, "w"))  # noqa: SIM115
    sys.exit(main(drills, "DRILLS", ROOT / "var" / "drill" / "latest.json", sys.argv[1:]))
