"""Invented papers and who wrote them, in any number, for measuring. No journal printed them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate

from doctors.management.scale import AREAS
from pharmacrm.common.ids import uuid7

PAPER_COLUMNS = "created_at, updated_at, id, title, journal, published_on, date_precision, pmid, doi, authors_total, is_retracted"
AUTHOR_COLUMNS = "created_at, updated_at, id, position, is_corresponding, end_reason, attached_by_id, doctor_id, publication_id"
STUDIES = (
    "的真实世界研究",
    "患者随访管理的经验",
    "诊疗现状的多中心调查",
    "危险因素分析",
    "专家共识解读",
    "治疗进展",
)
JOURNALS = ("测量内科杂志", "测量外科杂志", "测量临床医学", "测量专科学报", "Journal of Invented Medicine")
AUTHORS = ((1, 30), (2, 35), (3, 20), (4, 10), (5, 5))  # how many of a paper's authors are doctors on record
YEARS = 8
BLOCK = 50_000


def paper_lines(
    doctors: list[str], count: int, attached_by: str, last: date, now: str, stem: str, dice: random.Random
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield blocks of the lines of papers and of their authors: few doctors write much, most write nothing.

    No paper has a PMID, and its DOI lies under 10.5555, which stands for examples: none can be taken for a real one.
    """
    writers = dice.sample(doctors, max(len(doctors) // 3, 1))
    pull = list(accumulate(1 / (rank + 20) ** 0.7 for rank in range(len(writers))))
    sizes, weights = zip(*AUTHORS, strict=True)
    titles = [f"{area}{study}" for area in AREAS for study in STUDIES]
    for start in range(0, count, BLOCK):
        papers, authors = [], []
        each = dice.choices(sizes, weights, k=min(BLOCK, count - start))
        drawn = iter(dice.choices(writers, cum_weights=pull, k=sum(each)))
        for number, size in enumerate(each, start):
            pk, day = uuid7(), last - timedelta(days=int(dice.random() * YEARS * 365))
            retracted = "t" if dice.random() < 0.001 else "f"
            papers.append(
                f"{now}\t{now}\t{pk}\t{dice.choice(titles)}（{number + 1}）\t{dice.choice(JOURNALS)}\t{day}\tday\t\t"
                f"10.5555/scale.{stem}.{number}\t{size + dice.randint(0, 5)}\t{retracted}\n"
            )
            named = dict.fromkeys(next(drawn) for _author in range(size))
            corresponding = dice.randint(1, len(named))
            for position, doctor in enumerate(named, 1):
                is_corresponding = "t" if position == corresponding else "f"
                authors.append(
                    f"{now}\t{now}\t{uuid7()}\t{position}\t{is_corresponding}\t\t{attached_by}\t{doctor}\t{pk}\n"
                )
        yield papers, authors
