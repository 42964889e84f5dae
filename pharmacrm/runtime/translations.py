"""Every message of the catalogues has words in both languages, with the same placeholders."""

from __future__ import annotations

import re
import sys

import polib

from .home import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif%]|\{\w*\}")


def problems() -> list[str]:
    """Return what is missing or wrong, a line each."""
    found = []
    for place in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        language = place.parent.parent.name
        for entry in polib.pofile(str(place)):
            if entry.obsolete:
                continue
            words = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            if entry.fuzzy or not words or not all(words):
                found.append(f"{language}: no words for {entry.msgid!r}")
                continue
            wanted = set(PLACEHOLDER.findall(f"{entry.msgid} {entry.msgid_plural}"))
            for text in words:
                if not set(PLACEHOLDER.findall(text)) <= wanted:
                    found.append(f"{language}: {text!r} has a placeholder that {entry.msgid!r} lacks")
    return found


def main() -> int:
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
