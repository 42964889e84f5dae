"""Three readings of a text, each with where its characters stood: folded, squeezed, spelled; and bare, for headers."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pypinyin import lazy_pinyin

from .terms import HAN

SEPARATORS = re.compile(rf"(?<=[{HAN}])[\s\W_]+(?=[{HAN}])")
SENTENCE = "，。；;！？!?\n"


def folded(text: str) -> str:
    """Return a text as two writings of it compare: width, case, variants and spaces gone."""
    return "".join(fold(text.strip())[0].split())


def fold(text: str) -> tuple[str, list[int]]:
    """Full width to half, lower case, no accents, no invisible or look-alike characters; and where each one stood."""
    out: list[str] = []
    at: list[int] = []
    for position, character in enumerate(text):
        for folded in unicodedata.normalize("NFKD", character).lower():
            if unicodedata.category(folded) not in {"Cf", "Mn"}:
                out.append(VARIANTS.get(folded, folded))
                at.append(position)
    return "".join(out), at


def _pairs(first: str, second: str) -> dict[str, str]:
    return dict(zip(first, second, strict=True))


VARIANTS = (
    _pairs("処處藥葯薬數統綂開銷額紅禮盃囘囬釦號證歷", "处处药药药数统统开销额红礼杯回回扣号证历")
    | _pairs(
        "醫門診個產劑總單張針購進發領業績標務達貨庫訂實際帯帶錢給現",
        "医门诊个产剂总单张针购进发领业绩标务达货库订实际带带钱给现",
    )
    | _pairs("аеорсхуіѕјкмтвнпгԁһӏ", "aeopcxyisjkmtbhnrdhl")  # Cyrillic
    | _pairs("οαρτχεικυνηγ", "oaptxeikuvnv")  # Greek
    | _pairs("ɡɑƒᴛᴏɴɢꜰᴀʀᴄʟᴜʜɪո", "gaftongfarcluhin")  # letters of phonetics, and one Armenian
    | _pairs("０øłđħı", "0oldhi")
)


def squeeze(folded: str, at: list[int], *, everything: bool = False) -> tuple[str, list[int]]:
    """Drop what stands between Chinese characters, sentence marks apart; `everything` drops all spaces too."""
    drop: set[int] = set()
    for match in SEPARATORS.finditer(folded):
        if not any(mark in SENTENCE for mark in match.group()):
            drop.update(range(match.start(), match.end()))
    out, places = [], []
    for index, character in enumerate(folded):
        if index in drop or (character.isspace() and (everything or _beside_han(folded, index))):
            continue
        out.append(character)
        places.append(at[index])
    return "".join(out), places


def bare(folded: str, at: list[int], reading: dict[str, str]) -> tuple[str, list[int]]:
    out, places = [], []
    for character, position in zip(folded, at, strict=True):
        read = reading.get(character, character)
        if read.isalnum():
            out.append(read)
            places.append(position)
    return "".join(out), places


def sounds(squeezed: str) -> str:
    """Return a header of Chinese characters and letters as it is said."""
    return "".join(filter(str.isalnum, (spell(squeezed, list(range(len(squeezed))))[0])))


def words_of(name: str) -> list[str]:
    """Return the words of a header: what spaces, underscores, digits and capitals part."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return re.findall(r"[a-z]+", fold(parted)[0])


def _beside_han(text: str, index: int) -> bool:
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    return bool(re.match(rf"[{HAN}]", before) or re.match(rf"[{HAN}]", after))


def spell(squeezed: str, at: list[int]) -> tuple[str, list[int]]:
    out: list[str] = []
    places: list[int] = []
    for character, position in zip(squeezed, at, strict=True):
        letters = _said(character)
        out.append(letters)
        places.extend([position] * len(letters))
    return "".join(out), places


@cache
def _said(character: str) -> str:
    letters = str(lazy_pinyin(character)[0]) if "\u3400" <= character <= "\u9fff" else character
    if letters.isalnum():
        return letters
    return "" if letters in " -_.*·" else "|"


def clause_of(text: str, start: int, end: int) -> str:
    left = max((text.rfind(mark, 0, start) for mark in SENTENCE), default=-1)
    rights = [place for mark in SENTENCE if (place := text.find(mark, end)) >= 0]
    return text[left + 1 : min(rights, default=len(text))]
