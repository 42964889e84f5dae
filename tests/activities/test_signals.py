"""The nightly search: what lies in the field's own records comes before the officers, once."""

import io
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw

from activities import actions
from activities.actions.monitoring import DETECTORS, SAID, raise_signal, scan_for_signals
from activities.models import Visit
from activities.selectors import monitored
from compliance.models import Case, Finding, LedgerEntry
from compliance.rules.detectors import Signal
from compliance.selectors.rulebook import live_book
from pharmacrm.common.files import store
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import qualify
from tests.factories.doctors import make_doctor, make_hospital

pytestmark = pytest.mark.django_db
NOTE = "与主任讨论了肾功能不全患者的起始剂量，主任关注低血糖风险，希望看到随访数据。"


@pytest.fixture
def ground(rep, officer):
    qualify(rep, "P1", by=officer, at=AT)
    return make_ground(rep)


def visited(rep, doctor, at, **fields):
    return actions.submit_visit(report=report_of(doctor, at, **fields), by=rep, at=at)


def test_visits_beyond_the_cap_open_one_finding_however_often_the_search_runs(rep, ground):
    for days in range(1, 7):
        visited(rep, ground, AT - timedelta(days=2 * days))

    first, second = scan_for_signals(at=AT), scan_for_signals(at=AT + timedelta(days=1))

    finding = Finding.objects.get(kind="frequency")
    assert first == second >= 1
    assert (finding.subject, finding.rule, finding.case) == (f"doctor:{ground.pk}", "SG-01", None)
    assert len(finding.evidence["members"]) == 5
    assert "上限 4 次" in finding.evidence["text"]["zh"]
    assert LedgerEntry.objects.filter(event="compliance.finding_opened", subject=finding.subject).count() == 1


def test_two_cities_in_one_quarter_of_an_hour_open_a_case(rep, ground):
    far = make_hospital("北京协和医院", latitude="39.913000", longitude="116.415000")
    ground.hospital.latitude, ground.hospital.longitude = "31.239700", "121.499800"
    ground.hospital.save()
    there = make_doctor("李敏", hospital=far)
    visited(rep, ground, AT - timedelta(hours=3))
    visit = Visit.objects.get()
    copy = {
        name: getattr(visit, name)
        for name in ("rep", "channel", "purpose", "state", "place", "ae_answer", "verdict_id", "submitted_at",
                     "device_saved_at")
    }  # fmt: skip
    Visit.objects.create(
        **copy,
        doctor=there,
        hospital=far,
        started_at=visit.ended_at + timedelta(minutes=10),
        ended_at=visit.ended_at + timedelta(minutes=25),
    )

    scan_for_signals(at=AT)

    finding = Finding.objects.get(kind="impossible_travel")
    case = Case.objects.get(kind="impossible_travel")
    assert (finding.case, case.source, finding.subject) == (case, "detector", f"user:{rep.pk}")


def test_copied_notes_are_found_and_their_words_kept_nowhere(rep, ground):
    other = make_doctor("王芳", hospital=ground.hospital, territory=ground.assignments.first().territory)
    for doctor, days in ((ground, 2), (other, 3)):
        visited(rep, doctor, AT - timedelta(days=days), note=NOTE)

    scan_for_signals(at=AT)

    finding = Finding.objects.get(kind="copied_notes")
    assert finding.subject == f"user:{rep.pk}"
    assert "起始剂量" not in str(finding.evidence)


def test_a_photo_scaled_and_saved_again_is_still_the_same_photo(officer):
    def photo(size, quality, shift=0):
        picture = Image.new("RGB", (640, 480), (90, 120, 150))
        pen = ImageDraw.Draw(picture)
        for place in range(6):
            shade = (40 * place + 30 + shift) % 255
            pen.ellipse(
                (60 + 90 * place, 80 + 40 * (place % 3) + shift, 150 + 90 * place, 300),
                fill=(shade, 60, 255 - shade),
            )
        held = io.BytesIO()
        picture.resize(size).save(held, "JPEG", quality=quality)
        return store([held.getvalue()], media_type="image/jpeg", by=officer, at=AT, max_bytes=1 << 22)

    whole, small = (
        monitored.difference_hash(photo((640, 480), 90)),
        monitored.difference_hash(photo((320, 240), 60)),
    )
    other = monitored.difference_hash(photo((640, 480), 90, shift=120))

    assert (whole ^ small).bit_count() <= 4
    assert (whole ^ other).bit_count() > 4


def test_what_is_no_picture_has_no_difference_hash(officer):
    file = store([b"\xff\xd8\xff broken"], media_type="image/jpeg", by=officer, at=AT, max_bytes=1 << 20)

    assert monitored.difference_hash(file) is None


def test_a_visit_weighs_by_its_published_points(rep, ground):
    visit = visited(rep, ground, AT - timedelta(days=1), was_offline=True)

    day = AT.date()
    rows = {
        one.subject: one
        for one in monitored.visit_candidates(day - timedelta(days=3), day + timedelta(days=1))
    }

    assert dict(rows[f"visit:{visit.pk}"].points) == {"offline": 1}
    assert rows[f"visit:{visit.pk}"].tickets == 2


def test_the_thresholds_follow_the_company_s_own_figures(officer, monkeypatch):
    monkeypatch.setattr(monitored, "figure", lambda rule, name, at, default: 2 if rule == "SG-01" else 12_300)

    limits = monitored.thresholds(AT)

    assert (limits.visits_in_30_days, limits.meal_cap_fen) == (2, 12_300)


def test_visits_that_overlap_are_called_so_and_not_a_gap_below_nought(rep):
    figures = {"free": -8, "needed": 0, "km": 0}

    raise_signal(Signal("impossible_travel", f"user:{rep.pk}", ("a", "b"), "a|b", figures), at=AT)

    words = Finding.objects.get().evidence["text"]
    assert words["zh"] == "两次拜访时间重叠 8 分钟，却不在同一家医院"
    assert words["en"] == "Two visits in two hospitals overlap by 8 minutes"


def test_every_detector_has_words_a_rule_and_a_grade():
    assert {one.name for one in DETECTORS} == set(SAID)
    assert {one.rule for one in DETECTORS} <= {rule.id for rule in live_book(AT).rules}
