"""Files of citations: PubMed XML, NBIB, RIS and CSV, told apart by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _
from lxml import etree

from . import citations
from .citations import Author, Citation
from .errors import DomainError

MAX_IMPORT_BYTES = 20 * 1024 * 1024
MAX_RECORDS = 5000


class FileNotRead(DomainError):
    """The import file cannot be read as citations; nothing was kept."""

    code = "file_not_read"


def read_citations(content: bytes, name: str) -> list[Citation]:
    """Return the records of a file by its content, whatever it is called. Raises: FileNotRead."""
    if not content.strip():
        raise FileNotRead(_("The file is empty."), field="file")
    if len(content) > MAX_IMPORT_BYTES:
        raise FileNotRead(_("The file is larger than 20 MB. Split it."), field="file")
    try:
        found = list(_records(content, name))
    except (ValueError, etree.XMLSyntaxError) as error:
        raise FileNotRead(
            _("The file is not PubMed XML, NBIB, RIS, or a CSV with a title column."), field="file"
        ) from error
    if not found:
        raise FileNotRead(_("No citation was found in the file."), field="file")
    if len(found) > MAX_RECORDS:
        raise FileNotRead(_("The file holds more than 5,000 records. Split it."), field="file")
    return found


def _records(content: bytes, name: str) -> Iterator[Citation]:
    start = content[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from _pubmed_xml(content)
        return
    text = _decoded(content)
    if re.search(r"^TY  ?- ", text, re.MULTILINE):
        yield from citations.read_ris(text)
    elif re.search(r"^PMID *- ", text, re.MULTILINE):
        yield from citations.read_nbib(text)
    else:
        yield from citations.read_csv(text)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        guess = from_bytes(content).best()
        if guess is None:
            raise ValueError("encoding") from None
        return str(guess)


def _pubmed_xml(content: bytes) -> Iterator[Citation]:
    # SECURITY: entities may read files or unfold to gigabytes; a citation file has no use for one of its own.
    for encoding in ("utf-8", "utf-16"):
        if "<!ENTITY" in content.decode(encoding, "ignore").upper():
            raise ValueError("entity")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    for article in root.iter("PubmedArticle"):
        yield _article(article)


def _article(article: Any) -> Citation:
    def said(path: str) -> str:
        found = article.find(path)
        return " ".join("".join(found.itertext()).split()) if found is not None else ""

    kinds = tuple(
        "".join(kind.itertext()).strip() for kind in article.findall(".//PublicationTypeList/PublicationType")
    )
    notices: dict[str, list[str]] = {}
    for notice in article.findall(".//CommentsCorrectionsList/CommentsCorrections"):
        words = " ".join("".join(notice.itertext()).split())
        notices.setdefault(notice.get("RefType", ""), []).append(words)
    standing, note = citations.standing_of_record(
        kinds, notices.get("RetractionIn", []), notices.get("ExpressionOfConcernIn", [])
    )
    authors, people = [], []
    for author in article.findall(".//AuthorList/Author"):
        family, initials = author.findtext("LastName"), author.findtext("Initials") or ""
        authors.append(f"{family} {initials}".strip() if family else author.findtext("CollectiveName") or "")
        people.append(_person(author, family or ""))
    abstract = "\n".join(
        f"{part.get('Label')}: {words}" if part.get("Label") else words
        for part in article.findall(".//Abstract/AbstractText")
        if (words := " ".join("".join(part.itertext()).split()))
    )
    identifiers = {
        one.get("IdType"): (one.text or "").strip()
        for one in article.findall("./PubmedData/ArticleIdList/ArticleId")
    }
    year = said(".//JournalIssue/PubDate/Year") or said(".//JournalIssue/PubDate/MedlineDate")
    day = " ".join(said(f".//JournalIssue/PubDate/{part}") for part in ("Year", "Month", "Day"))
    match = citations.YEAR.search(year)
    return Citation(
        line=article.sourceline or 0,
        title=said(".//ArticleTitle"),
        title_local=said(".//VernacularTitle"),
        authors=tuple(name for name in authors if name),
        people=tuple(people),
        published=day if day.strip() else year,
        journal=said(".//Journal/Title"),
        year=int(match.group()) if match else 0,
        volume=said(".//JournalIssue/Volume"),
        issue=said(".//JournalIssue/Issue"),
        pages=said(".//Pagination/MedlinePgn"),
        doi=identifiers.get("doi", "") or said(".//ELocationID[@EIdType='doi']"),
        pmid=said("./MedlineCitation/PMID"),
        abstract=abstract,
        language=said(".//Language"),
        kinds=kinds,
        standing=standing,
        standing_note=note,
    )


def _person(author: Any, family: str) -> Author:
    given = author.findtext("ForeName") or author.findtext("Initials") or ""
    places = [
        " ".join("".join(one.itertext()).split()) for one in author.findall("AffiliationInfo/Affiliation")
    ]
    return citations.author_of(family, given, "; ".join(filter(None, places)))
