"""Every figure of the board is the count or sum of the rows it opens to."""

import random
from datetime import date, timedelta

import pytest
from django.db.models import Sum

from activities.models import Cycle, PlanTarget, Visit
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.dashboards import selectors
from pharmacrm.dashboards.selectors import Scope
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


@pytest.fixture
def cycle():
    cycle = Cycle.objects.create(
        code="2026Q4",
        name="2026 四季度",
        starts_on=date(2026, 10, 1),
        ends_on=date(2027, 1, 1),
        state="active",
    )
    PlanTarget.objects.create(
        cycle=cycle, tier="core", channel="face_to_face", coverage_percent=90, contacts_per_doctor=3
    )
    return cycle


def visit(rep, doctor, at, **fields):
    return Visit.objects.create(
        id=uuid7(),
        rep=rep,
        doctor=doctor,
        hospital=doctor.hospital,
        **{
            "state": "submitted",
            "started_at": at - timedelta(minutes=20),
            "ended_at": at,
            "submitted_at": at,
            "ae_answer": "none",
            "verdict_id": uuid7(),
            **fields,
        },
    )


@pytest.fixture
def field(rep, other_rep, manager, at, cycle):
    """Two teams below one manager: 30 doctors, some met, one visit in breach, one before the cycle."""
    root = make_territory("R")
    teams = [make_territory("R1", parent=root, name="一队"), make_territory("R2", parent=root, name="二队")]
    put_into(manager, root, role=Role.LINE_MANAGER)
    dice = random.Random(7)
    for place, (person, team) in enumerate(zip((rep, other_rep), teams, strict=True)):
        put_into(person, team)
        hospital = make_hospital(f"医院{place}")
        for number in range(15):
            doctor = make_doctor(
                f"医生{place}{number}",
                hospital=hospital,
                territory=team,
                tier=dice.choice(("core", "potential", "basic", "")),
            )
            for _ in range(dice.choice((0, 0, 1, 2, 4))):
                visit(person, doctor, at - timedelta(days=dice.randrange(0, 30)))
        visit(person, doctor, at, in_breach=True)
        visit(person, doctor, at - timedelta(days=200))
    return teams


def lines(scope):
    return [*selectors.lines_by_tier(scope), selectors.total_of(selectors.lines_by_tier(scope))]


def test_each_figure_equals_its_rows(field, manager, cycle, rep, other_rep):
    dice = random.Random(11)
    for _turn in range(60):
        scope = Scope(
            user=dice.choice((manager, rep, other_rep)),
            on=ON,
            cycle=cycle,
            tier=dice.choice(("", "", "core", "basic", "none")),
            team=dice.choice((None, None, *[team.pk for team in field])),
            rep=dice.choice((None, None, rep.pk, other_rep.pk)),
        )
        for line in selectors.lines_by_tier(scope):
            narrowed = Scope(**{**scope.__dict__, "tier": line.key})
            assert line.base == selectors.rows_behind(narrowed, "base").count()
            assert line.met == selectors.rows_behind(narrowed, "met").count()
            assert line.base - line.met == selectors.rows_behind(narrowed, "missed").count()
            assert line.contacts == (
                selectors.rows_behind(narrowed, "contacts").aggregate(n=Sum("visit_count"))["n"] or 0
            )


def test_teams_add_up_to_the_whole(field, manager, cycle):
    scope = Scope(user=manager, on=ON, cycle=cycle)

    whole = selectors.total_of(selectors.lines_by_tier(scope))
    teams = selectors.lines_by_team(scope)

    assert [line.label for line in teams] == ["一队", "二队"]
    assert (sum(line.base for line in teams), sum(line.met for line in teams)) == (whole.base, whole.met)
    assert sum(line.contacts for line in teams) == whole.contacts > 0


def test_a_visit_in_breach_or_outside_the_cycle_counts_for_nothing(field, manager, cycle):
    scope = Scope(user=manager, on=ON, cycle=cycle)

    counted = selectors.total_of(selectors.lines_by_tier(scope)).contacts

    assert counted == Visit.objects.filter(in_breach=False, ended_at__date__gte=cycle.starts_on).count()


def test_a_rep_sees_only_their_own_territory(field, rep, manager, cycle):
    own = selectors.total_of(selectors.lines_by_tier(Scope(user=rep, on=ON, cycle=cycle)))
    whole = selectors.total_of(selectors.lines_by_tier(Scope(user=manager, on=ON, cycle=cycle)))

    assert (own.base, whole.base) == (15, 30)


def test_no_cycle_means_no_contacts_and_no_goal(field, manager):
    tiers = selectors.lines_by_tier(Scope(user=manager, on=ON, cycle=None))

    assert {line.contacts for line in tiers} == {0}
    assert {line.goal_coverage for line in tiers} == {None}


def test_the_board_keeps_its_query_budget(field, manager, cycle, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        scope = Scope(user=manager, on=ON, cycle=cycle)
        selectors.lines_by_tier(scope)
        selectors.lines_by_team(scope)


def test_the_page_opens_each_figure_and_exports(field, manager, cycle, client):
    client.force_login(manager)

    page = client.get(f"/boards/?cycle={cycle.pk}")
    rows = client.get(f"/boards/rows/met/?cycle={cycle.pk}&tier=core")
    workbook = client.get(f"/boards/rows/met/?cycle={cycle.pk}&export=xlsx")

    assert page.status_code == rows.status_code == 200
    assert f"/boards/rows/met/?cycle={cycle.pk}&amp;tier=core" in page.content.decode()
    assert workbook.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert b"".join(workbook.streaming_content).startswith(b"PK")


def test_a_wrong_filter_filters_nothing_and_breaks_nothing(field, manager, cycle, client):
    client.force_login(manager)

    assert client.get("/boards/?team=nonsense&tier=gold").status_code == 200
    assert client.get("/boards/rows/nonsense/").status_code == 404
