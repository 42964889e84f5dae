"""How far the demonstration is written: a small file that its writer keeps, for the pages and the supervisor to read.

While the file is there, the data is not whole. Whoever finds it before a start begins again from an empty database.
"""

from __future__ import annotations

from pathlib import Path

PARTS = 15  # what company.seed() says on its way


def note(home: Path, done: int) -> None:
    """Leave word that `done` of the parts are written."""
    place = _place(home)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(".new")
    fresh.write_text(str(done))
    fresh.replace(place)


def parts_done(home: Path) -> int | None:
    """Return how many parts are written, or None where nothing is being written."""
    try:
        return int(_place(home).read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        return 0


def finished(home: Path) -> None:
    _place(home).unlink(missing_ok=True)


def _place(home: Path) -> Path:
    return home / "run" / "demonstration"
