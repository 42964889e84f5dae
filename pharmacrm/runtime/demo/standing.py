"""Employment, filing, training and commitment of the representatives; a few of them not in order, to be seen."""

from __future__ import annotations

import hashlib
import random
from datetime import date, datetime, timedelta

from django.utils.timezone import localtime

from compliance import actions as law

from .content import Hand
from .library import HOLDER, PRODUCTS
from .people import Company, put_to_work
from .training import seed_letter

HOLDER_CODE = "91330100MA0DEMO00X"
COURSES = (
    ("BASE-01", "医药代表备案与行为规范", "Filing and conduct of representatives", ""),
    ("PV-01", "药品不良反应报告", "Reporting adverse reactions", ""),
    ("ABR-01", "反商业贿赂", "Against commercial bribery", ""),
    ("SZA-01", "舒泽安产品知识", "Shuzean: product knowledge", "SZA"),
    ("AKP-01", "安克平产品知识", "Ankeping: product knowledge", "AKP"),
    ("HMN-01", "恒脉宁产品知识", "Hengmaining: product knowledge", "HMN"),
)
PASS_MARK = 80


# The company's own limits of a year for one speaker; the book ships none, and without them nobody is paid.
LIMITS = (("talks_cap", 6), ("fees_cap_fen", 3_000_000), ("services_cap", 8))


def seed_limits(company: Company, *, at: datetime) -> None:
    """Set the yearly limits of speakers: drafted by one, signed by two others, in force from the next day."""
    author = company.office["compliance2"]
    hand, when = Hand(), at
    for name, value in LIMITS:
        when += timedelta(minutes=2)  # a one-time code serves once
        draft = law.draft_parameter(
            rule="RD-08b", name=name, value=value, valid_from=localtime(at).date() + timedelta(days=1),
            reason="年度合规评估：讲者每年场次、费用与服务次数的上限。", by=author, at=when,
        )  # fmt: skip
        for signer in ("compliance", "regulatory"):
            person = company.office[signer]
            law.sign_parameter(parameter_id=draft.pk, proof=hand.proof(person, when), by=person, at=when)


def seed_standing(company: Company, *, at: datetime, today: date, dice: random.Random) -> None:
    """File every representative and put them to work; the last one's filing ran out, another's training has."""
    officer = company.office["compliance"]
    since, until = today - timedelta(days=380), today + timedelta(days=340)
    courses = {}
    for code, title_zh, title_en, product in COURSES:
        course = law.add_course(
            code=code,
            title_zh=title_zh,
            title_en=title_en,
            months_valid=24,
            pass_mark=PASS_MARK,
            by=officer,
            at=at,
        )
        law.assign_course(
            course_id=course.pk, role="rep", product_code=product, valid_from=since, by=officer, at=at
        )
        courses[code] = course
    text_sha256 = seed_letter(company, at=at)
    codes = tuple(product.code for product in PRODUCTS)
    for place, (rep, _territory, _district) in enumerate(company.reps):
        law.record_employment(
            user_id=rep.pk, valid_from=since, degree_proven=True, bribery_checked_on=since, by=officer, at=at
        )
        law.record_commitment(
            user_id=rep.pk, text_sha256=text_sha256, valid_from=since, valid_until=until, by=officer, at=at
        )
        ends = {7: today + timedelta(days=20), len(company.reps) - 1: since + timedelta(days=30)}
        filing = law.file_representative(
            user_id=rep.pk,
            number=f"YB{20250000 + place}",
            name=str(rep),
            mah_name=HOLDER,
            mah_code=HOLDER_CODE,
            product_codes=codes if place % 4 else codes[:2],
            valid_from=since,
            valid_until=ends.get(place, until),
            sex="female" if place % 2 else "male",
            photo_sha256=hashlib.sha256(rep.username.encode()).hexdigest(),
            evidence_sha256=hashlib.sha256(f"YB{20250000 + place}".encode()).hexdigest(),
            identity_kind="resident",
            contract_from=since,
            drug_category="化学药",
            identity_number=f"11010119900307{place:04d}",
            major="药学" if place % 3 else "临床医学",
            degree="本科",
            therapeutic_area="心血管",
            truth_stated=True,
            by=officer,
            at=at,
        )
        if place % 9 != 5:  # some wait in the inbox for their second check
            law.check_filing(filing_id=filing.pk, by=company.office["compliance2"], at=at)
        else:
            law.ask_filing_check(filing_id=filing.pk, by=officer, at=at)
        for code, course in courses.items():
            law.record_certificate(
                user_id=rep.pk,
                course_id=course.pk,
                score=dice.randrange(PASS_MARK, 101),
                valid_from=since,
                valid_until=today + timedelta(days=25)
                if code == "ABR-01"
                else today - timedelta(days=3)
                if place == 11 and code == "PV-01"
                else until,
                by=officer,
                at=at,
            )
    put_to_work(company, since=since, at=at)
    for manager in company.managers.values():
        law.record_employment(
            user_id=manager.pk,
            valid_from=since,
            degree_proven=True,
            bribery_checked_on=since,
            by=officer,
            at=at,
        )
