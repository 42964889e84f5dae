"""Citation formats: RIS, NBIB (MEDLINE) and CSV into one shape. Pure; XML is read where the file is opened."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

YEAR = re.compile(r"(1[89]\d\d|20\d\d)")
DOI = re.compile(r"10\.\d{4,9}/\S+")
RETRACTED = ("Retracted Publication", "Retraction of Publication")


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True)
class Author:
    """One name of a by-line with the place of work printed beside it.

    `is_corresponding` where the by-line gives an address to write to; the address itself is not kept.
    """

    family: str = ""
    given: str = ""
    affiliation: str = ""
    is_corresponding: bool = False

    @property
    def name(self) -> str:
        return f"{self.family} {self.given}".strip()


@dataclass(frozen=True)
class Citation:
    """One record of an import, before it is a row. `line` says where it stood; `standing` is a ReferenceStanding."""

    line: int = 0
    title: str = ""
    title_local: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int = 0
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    abstract: str = ""
    language: str = ""
    kinds: tuple[str, ...] = ()
    standing: str = "sound"
    standing_note: str = ""
    people: tuple[Author, ...] = ()
    published: str = ""  # year, and month and day where the record says them


def author_of(family: str, given: str, affiliation: str = "") -> Author:
    """Return an author without the e-mail address a by-line may print."""
    bare = re.sub(r"(?i)electronic address:?", "", MAIL.sub("", affiliation)).strip(" .;")
    return Author(family.strip(), given.strip(), bare[:500], is_corresponding="@" in affiliation)


def author_named(full: str, affiliation: str = "") -> Author:
    """Return an author from one text: “Zhang, Xiaoming”, or a name as it stands."""
    family, comma, given = full.partition(",")
    return author_of(family, given if comma else "", affiliation)


def day_of(text: str, year: int) -> tuple[int, int, int]:
    """Return year, month and day as far as a text says them; 0 for what it does not say."""
    words = re.split(r"[\s/\-.]+", text.strip().lower())
    found = next((place for place, word in enumerate(words) if YEAR.fullmatch(word)), -1)
    if found < 0:
        return year, 0, 0
    month = words[found + 1] if len(words) > found + 1 else ""
    number = MONTHS.index(month[:3]) + 1 if month[:3] in MONTHS else int(month) if month.isdecimal() else 0
    day = words[found + 2] if len(words) > found + 2 and number else ""
    return int(words[found]), number if 1 <= number <= 12 else 0, int(day) if day.isdecimal() else 0


def tidy(citation: Citation) -> Citation:
    """Bring identifiers to one form: bare lower-case DOI, digits of the PMID; blanks collapsed."""
    doi = DOI.search(citation.doi)
    return replace(
        citation,
        title=_flat(citation.title).rstrip("."),
        title_local=_flat(citation.title_local),
        journal=_flat(citation.journal)[:300],
        abstract=citation.abstract.strip(),
        doi=doi.group().rstrip(".,;)]").lower()[:200] if doi else "",
        pmid="".join(re.findall(r"\d+", citation.pmid)[:1])[:12],
        volume=citation.volume[:40],
        issue=citation.issue[:40],
        pages=citation.pages[:60],
        language=citation.language[:8].lower(),
    )


def reference_kind(kinds: Iterable[str], title: str) -> str:
    """Return the ReferenceKind that publication types and title tell. Source: MeSH publication types."""
    said = {kind.casefold() for kind in kinds}
    words = title.casefold()
    if {"practice guideline", "guideline"} & said or "指南" in title:
        return "guideline"
    if any("consensus" in kind for kind in said) or "共识" in title:
        return "consensus"
    if {"meta-analysis", "systematic review", "network meta-analysis"} & said or "meta分析" in words:
        return "meta_analysis"
    if any("trial" in kind for kind in said) or "randomi" in words or "随机" in title:
        return "trial"
    if "observational study" in said or "real-world" in words or "真实世界" in title:
        return "real_world"
    if "case reports" in said:
        return "case_report"
    return "review" if "review" in said or "综述" in title else "other"


def evidence_level(kind: str, kinds: Iterable[str]) -> str:
    """Return the CEBM (2011) level a publication type suggests; a person may correct it."""
    said = {word.casefold() for word in kinds}
    if kind == "meta_analysis":
        return "1"
    if "randomized controlled trial" in said:
        return "2"
    return {"trial": "3", "real_world": "3", "case_report": "4"}.get(kind, "unrated")


def sample_size(abstract: str) -> int:
    """Return the number of patients an abstract names first, or 0."""
    match = re.search(
        r"\b[nN]\s*=\s*([\d,]{1,9})|([\d,]{1,9})\s+(?:patients|participants|subjects|adults)|(\d{1,7})\s*例",
        abstract,
    )
    if not match:
        return 0
    digits = next(group for group in match.groups() if group).replace(",", "")
    return int(digits) if digits.isdigit() and int(digits) < 10_000_000 else 0


def read_ris(text: str) -> Iterator[Citation]:
    """Yield the records of a RIS file. Source: RIS format specification (2011)."""
    for line, record in _tagged(text, re.compile(r"^([A-Z][A-Z0-9])  ?- ?(.*)$"), ends="ER"):
        first = partial(_first, record)
        pages = "-".join(part for part in (first("SP"), first("EP")) if part)
        yield Citation(
            line=line,
            title=first("TI", "T1"),
            title_local=first("TT"),
            authors=tuple(record.get("AU", []) or record.get("A1", [])),
            people=tuple(map(author_named, record.get("AU", []) or record.get("A1", []))),
            published=first("DA", "PY", "Y1"),
            journal=first("JO", "T2", "JF", "JA"),
            year=_year(first("PY", "Y1", "DA")),
            volume=first("VL"),
            issue=first("IS"),
            pages=pages,
            doi=first("DO"),
            pmid=first("AN") if "pubmed" in first("DB").casefold() else "",
            abstract=first("AB", "N2"),
            language=first("LA"),
            kinds=tuple(record.get("M3", [])),
        )


def read_nbib(text: str) -> Iterator[Citation]:
    """Yield the records of a MEDLINE/NBIB file. Source: NLM MEDLINE display format."""
    for line, record in _tagged(text, re.compile(r"^([A-Z]{2,4}) *- (.*)$"), ends=None):
        get = partial(_first, record)
        doi = next((value for value in record.get("LID", []) + record.get("AID", []) if "[doi]" in value), "")
        kinds = tuple(record.get("PT", []))
        standing, note = standing_of_record(kinds, record.get("RIN", []), record.get("ECI", []))
        yield Citation(
            line=line,
            title=get("TI"),
            title_local=get("TT"),
            authors=tuple(record.get("AU", [])),
            people=_nbib_people(record),
            published=get("DP"),
            journal=get("JT") or get("TA"),
            year=_year(get("DP")),
            volume=get("VI"),
            issue=get("IP"),
            pages=get("PG"),
            doi=doi,
            pmid=get("PMID"),
            abstract=get("AB"),
            language=get("LA"),
            kinds=kinds,
            standing=standing,
            standing_note=note,
        )


def _nbib_people(record: dict[str, list[str]]) -> tuple[Author, ...]:
    """Pair names and places where there is one for each; otherwise nobody knows which belongs to whom."""
    names = record.get("FAU") or record.get("AU", [])
    places = record.get("AD", [])
    beside = places if len(places) == len(names) else [""] * len(names)
    return tuple(author_named(name, place) for name, place in zip(names, beside, strict=True))


CSV_COLUMNS = {
    "title": ("title", "article title", "题名", "标题", "篇名"),
    "authors": ("authors", "author", "author names", "作者"),
    "journal": ("journal", "journal/book", "source title", "刊名", "期刊", "来源"),
    "year": ("year", "publication year", "年", "年份", "出版年"),
    "volume": ("volume", "卷"),
    "issue": ("issue", "期"),
    "pages": ("pages", "page", "页码"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id"),
    "abstract": ("abstract", "摘要"),
    "language": ("language", "语种"),
    "kinds": ("publication type", "type", "文献类型"),
}


def read_csv(text: str) -> Iterator[Citation]:
    """Yield the records of a CSV with a heading row in English or Chinese. Raises: ValueError without a title column."""
    rows = csv.reader(io.StringIO(text))
    heads = [head.strip().strip("\ufeff").casefold() for head in next(rows, [])]
    places = {
        name: next((heads.index(word) for word in words if word in heads), -1)
        for name, words in CSV_COLUMNS.items()
    }
    if places["title"] < 0:
        raise ValueError("title")
    for number, row in enumerate(rows, 2):
        said = {name: row[at].strip() if 0 <= at < len(row) else "" for name, at in places.items()}
        if any(said.values()):
            yield Citation(
                line=number,
                title=said["title"],
                people=tuple(
                    author_named(part.strip()) for part in re.split(r"[;；]", said["authors"]) if part.strip()
                ),
                published=said["year"],
                authors=tuple(part.strip() for part in re.split(r"[;；]", said["authors"]) if part.strip()),
                journal=said["journal"],
                year=_year(said["year"]),
                volume=said["volume"],
                issue=said["issue"],
                pages=said["pages"],
                doi=said["doi"],
                pmid=said["pmid"],
                abstract=said["abstract"],
                language=said["language"],
                kinds=tuple(part.strip() for part in re.split(r"[;；]", said["kinds"]) if part.strip()),
            )


def standing_of_record(
    kinds: Iterable[str], retracted_in: Iterable[str], concern_in: Iterable[str]
) -> tuple[str, str]:
    """Return how a record stands by its notices: retracted, concern or sound, with the notice's words."""
    retracted_in, concern_in = list(retracted_in), list(concern_in)
    if retracted_in or any(kind in RETRACTED for kind in kinds):
        return "retracted", "; ".join(retracted_in)
    if concern_in or "Expression of Concern" in kinds:
        return "concern", "; ".join(concern_in)
    return "sound", ""


def _tagged(
    text: str, line_shape: re.Pattern[str], *, ends: str | None
) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Yield line and fields of each record. `ends` is the tag that closes one; None: a blank line or a new PMID does."""
    record: dict[str, list[str]] = {}
    start, tag = 1, ""
    for number, raw in enumerate(text.splitlines(), 1):
        match = line_shape.match(raw)
        is_end = bool(match and match.group(1) == ends) or (ends is None and not raw.strip())
        is_next = ends is None and bool(match and match.group(1) == "PMID" and "PMID" in record)
        if (is_end or is_next) and record:
            yield start, record
        if is_end or is_next:
            record, tag = {}, ""
        if is_end:
            continue
        if match:
            start = start if record else number
            tag = match.group(1)
            record.setdefault(tag, []).append(match.group(2).strip())
        elif tag and raw.startswith((" ", "\t")):
            record[tag][-1] = f"{record[tag][-1]} {raw.strip()}"
    if record:
        yield start, record


def _first(record: dict[str, list[str]], *names: str) -> str:
    return next((record[name][0] for name in names if record.get(name)), "")


def _year(text: str) -> int:
    match = YEAR.search(text)
    return int(match.group()) if match else 0


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
