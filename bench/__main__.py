"""`make bench`: every measure, or those named; `--national` measures at full size, other options set one size."""

import argparse
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
django.setup()

from django.core.management import call_command  # noqa: E402

import bench  # noqa: E402
from bench.measure import main  # noqa: E402
from pharmacrm.runtime.home import ROOT  # noqa: E402

SIZES = {  # option and variable: as a rule, at national size
    "doctors": (100_000, 1_000_000),
    "interactions": (2_000_000, 20_000_000),
    "visits": (1_000_000, 10_000_000),
    "publications": (50_000, 500_000),
    "import_rows": (100_000, 100_000),
    "ledger_entries": (200_000, 1_000_000),
}


def sizes(arguments: list[str]) -> list[str]:
    """Put the sizes asked for into the environment. Returns: the ids asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("ids", nargs="*", help="S1 S4 …; none: all")
    parser.add_argument(
        "--national",
        action="store_true",
        help="1,000,000 doctors, 20,000,000 contacts, 10,000,000 visits: an hour",
    )
    for name in SIZES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    options = parser.parse_args(arguments)
    for name, (usual, national) in SIZES.items():
        chosen = getattr(options, name) or (national if options.national else 0)
        variable = f"BENCH_{name.upper()}"
        os.environ[variable] = str(chosen or os.environ.get(variable) or usual)
    return options.ids


if __name__ == "__main__":
    wanted = sizes(sys.argv[1:])
    call_command("migrate", interactive=False, verbosity=0)
    call_command("guard_tables", stdout=open(os.devnull, "w"))  # noqa: SIM115
    sys.exit(main(bench, "MEASURES", ROOT / "var" / "bench" / "latest.json", wanted))
