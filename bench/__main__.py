"""`make bench`: every measure, or those named."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
django.setup()

from django.core.management import call_command  # noqa: E402

import bench  # noqa: E402
from bench.measure import main  # noqa: E402
from pharmacrm.runtime.home import ROOT  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", interactive=False, verbosity=0)
    call_command("guard_tables", stdout=open(os.devnull, "w"))  # noqa: SIM115
    sys.exit(main(bench, "MEASURES", ROOT / "var" / "bench" / "latest.json", sys.argv[1:]))
