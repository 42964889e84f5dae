"""What a doctor read of a shown material: counted once, by the pages, and by the next scoring of the day."""

from datetime import timedelta

import pytest

from activities import actions
from activities.models import Visit, VisitMaterial
from doctors import selectors as doctors
from doctors.actions import scoring
from doctors.models import Doctor, DoctorScore
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import report_of
from tests.factories.content import product, released_material
from tests.factories.doctors import make_doctor
from tests.factories.segmentation import make_model

LONG = (actions.PageView(1, 6_000), actions.PageView(2, 4_000))
SHORT = (actions.PageView(1, 9_999),)


@pytest.fixture
def version():
    return released_material(product("P1"))


def readings(doctor):
    found = doctors.interactions_of(doctor.pk).filter(kind="material_read").order_by("pk")
    return list(found.values_list("subject", "channel", "weight"))


def show(version, doctor, rep, **fields):
    return actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT, **fields)


def look(showing, pages, rep):
    return actions.record_page_views(showing_id=showing.pk, pages=pages, by=rep, at=AT)


@pytest.mark.django_db
def test_a_material_is_read_once_its_pages_stood_open_for_ten_seconds(rep, doctor, version):
    showing = show(version, doctor, rep)

    look(showing, SHORT, rep)
    leafed = readings(doctor)
    look(showing, LONG, rep)
    look(showing, (actions.PageView(2, 60_000),), rep)

    assert leafed == []
    assert readings(doctor) == [(f"showing:{showing.pk}", "visit", 100)]


@pytest.mark.django_db
def test_pages_that_come_with_the_report_of_a_visit_count_once_whatever_came_before(rep, doctor, version):
    showing = show(version, doctor, rep)
    look(showing, LONG, rep)
    shown = (actions.Shown(version.pk, AT, LONG, showing_id=showing.pk),)

    visit = actions.submit_visit(report=report_of(doctor, AT, shown=shown), by=rep, at=AT)

    assert VisitMaterial.objects.get().visit_id == visit.pk
    assert readings(doctor) == [(f"showing:{showing.pk}", "visit", 100)]


@pytest.mark.django_db
def test_a_visit_reported_later_counts_what_was_read_in_it(rep, doctor, version):
    shown = (actions.Shown(version.pk, AT, LONG),)

    actions.submit_visit(report=report_of(doctor, AT, shown=shown, channel="video"), by=rep, at=AT)

    assert [row[1:] for row in readings(doctor)] == [("online", 100)]


@pytest.mark.django_db
def test_what_was_read_in_a_visit_in_breach_is_taken_back(rep, doctor, version):
    showing = show(version, doctor, rep)
    look(showing, LONG, rep)
    late = AT - timedelta(days=1)
    shown = (actions.Shown(version.pk, AT, LONG, showing_id=showing.pk),)

    report = report_of(doctor, late, shown=shown, note="该患者身份证号 110101199003078515")
    actions.submit_visit(report=report, by=rep, at=AT)
    look(showing, (actions.PageView(1, 90_000),), rep)

    assert Visit.objects.get().in_breach
    assert [row[2] for row in readings(doctor)] == [100, -100]


@pytest.mark.django_db
@pytest.mark.parametrize("is_merged", [False, True])
def test_nothing_is_kept_of_the_reading_of_a_doctor_who_refuses_profiling(rep, doctor, version, is_merged):
    if is_merged:
        Doctor.objects.filter(pk=doctor.pk).update(merged_into=make_doctor("张小明", profiling_refused=True))
    else:
        Doctor.objects.filter(pk=doctor.pk).update(profiling_refused=True, tier="")
    showing = VisitMaterial.objects.create(rep=rep, doctor=doctor, version=version, shown_at=AT)

    views = look(showing, LONG, rep)

    assert len(views) == 2
    assert readings(doctor) == []


@pytest.mark.django_db
def test_the_next_scoring_of_the_day_counts_what_was_read(rep, officer, person, doctor, version):
    model = make_model(person("marketer", Role.MARKETING), officer, at=AT)
    run = scoring.open_run(model_id=model.pk, by=None, at=AT, is_queued=False)
    scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)
    place = [feature.key for feature in model.spec.features].index("content_read")
    before = DoctorScore.objects.get(doctor=doctor).raw[place]

    look(show(version, doctor, rep), LONG, rep)
    scored = scoring.rescore_touched(at=AT)

    assert before == 0
    assert scored == 1
    assert DoctorScore.objects.get(doctor=doctor, run__kind="daytime").raw[place] == 100
