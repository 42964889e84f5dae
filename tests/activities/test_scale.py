"""The measuring load: whole rows of the size asked for, and no act claimed for them."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from activities.management import visits
from activities.models import Visit
from compliance.models import LedgerEntry, StoredVerdict
from doctors.management import load
from doctors.models import Authorship, Doctor, Publication


@pytest.mark.django_db
def test_the_load_has_as_many_visits_and_papers_as_asked_for_and_they_meet_every_constraint():
    load.fill(60, 600, 1)

    load.fill_papers(40, 1)
    written = visits.fill_visits(load.visits_to_write(500), timezone.now().isoformat())

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert written == Visit.objects.count() == 500  # more than the stream has contacts that are visits
    assert set(Visit.objects.values_list("state", flat=True)) >= {"submitted", "saved", "planned"}
    assert all(key.version == 7 for key in Visit.objects.values_list("pk", flat=True))
    assert not Visit.objects.filter(ended_at__gt=timezone.now()).exists()
    assert Publication.objects.count() == 40
    assert Authorship.objects.filter(is_corresponding=True).count() == 40
    assert not Publication.objects.exclude(doi__startswith="10.5555/").exists()


@pytest.mark.django_db
def test_a_doctor_is_visited_by_the_representative_of_their_territory():
    load.fill(60, 600, 1)

    visits.fill_visits(load.visits_to_write(200), timezone.now().isoformat())

    held = Doctor.objects.values_list("pk", "assignments__territory__members__user").order_by("pk")
    assert set(Visit.objects.values_list("doctor", "rep")) <= set(held)
    assert Visit.objects.values("rep").annotate(n=Count("pk")).count() == 1


@pytest.mark.django_db
def test_no_act_is_claimed_for_the_load():
    before = LedgerEntry.objects.count()
    load.fill(30, 300, 1)

    load.fill_papers(10, 1)
    visits.fill_visits(load.visits_to_write(100), timezone.now().isoformat())

    assert LedgerEntry.objects.count() == before
    assert not Visit.history.exists()
    assert not Publication.history.exists()
    named = set(Visit.objects.exclude(verdict_id=None).values_list("verdict_id", flat=True))
    assert [str(key) for key in named] == [visits.NO_VERDICT]
    assert not StoredVerdict.objects.filter(pk__in=named).exists()


@pytest.mark.django_db
def test_a_database_that_holds_doctors_is_left_alone_unless_told_otherwise(doctor):
    with pytest.raises(CommandError, match="holds doctors"):
        call_command("generate_scale", doctors=10, interactions=0)

    assert not Visit.objects.exists()
    assert Doctor.objects.get() == doctor
