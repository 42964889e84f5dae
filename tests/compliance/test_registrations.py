"""A hospital that knows a representative is entered on their page, by its name or code."""

import pytest
from django.urls import reverse

from compliance.models import HospitalRegistration, LedgerEntry
from tests.factories.doctors import make_hospital

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(client, officer, rep):
    def send(hospital, **more):
        client.force_login(officer)
        address = reverse("compliance:staff-add", kwargs={"pk": rep.pk, "kind": "hospital"})
        return client.post(address, {"hospital": hospital, "valid_from": "2026-01-01", **more})

    return send


@pytest.mark.parametrize("words", ["湖滨医院", "HB-01", "hb-01"])
def test_a_registration_is_entered_by_name_or_code(enter, rep, client, words):
    hospital = make_hospital("湖滨医院", code="HB-01")

    answer = enter(words, number="登-7", valid_until="2027-01-01")

    row = HospitalRegistration.objects.get()
    assert (row.user, row.hospital, row.number) == (rep, f"hospital:{hospital.pk}", "登-7")
    assert "湖滨医院" in client.get(answer.url).content.decode()
    assert LedgerEntry.objects.filter(event="compliance.hospital_registration_recorded").count() == 1


def test_a_name_that_two_hospitals_have_asks_for_the_code(enter):
    make_hospital("人民医院", code="A")
    make_hospital("人民医院", code="B")

    said = enter("人民医院").content.decode()

    assert "编码" in said
    assert not HospitalRegistration.objects.exists()


def test_a_hospital_nobody_knows_is_told_so(enter):
    said = enter("没有这家医院").content.decode()

    assert "客户主数据" in said
    assert not HospitalRegistration.objects.exists()


def test_a_representative_enters_none(client, rep, other_rep):
    client.force_login(rep)
    address = reverse("compliance:staff-add", kwargs={"pk": other_rep.pk, "kind": "hospital"})

    assert client.post(address, {"hospital": "x", "valid_from": "2026-01-01"}).status_code == 403
