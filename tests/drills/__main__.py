"""`make drill`: every drill, or those named."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")
django.setup()

from bench.measure import main  # noqa: E402
from pharmacrm.runtime.home import ROOT  # noqa: E402
from tests import drills  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(drills, "DRILLS", ROOT / "var" / "drill" / "latest.json", sys.argv[1:]))
