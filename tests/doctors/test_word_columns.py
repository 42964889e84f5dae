"""Every column that can hold words has its class of erasure. Promise P9."""

from itertools import chain

from django.db import models

from compliance.actions.erasing_words import NEVER_MASKED, NOT_ABOUT_DOCTORS, columns_with_words
from doctors.models import Hospital, PrivacyRequest
from tests.doctors import word_columns
from tests.doctors.word_columns import LEFT, unclassed, unmasked_versions


def test_every_column_that_can_hold_words_is_masked_or_says_why_not():
    named = list(chain.from_iterable(LEFT.values()))

    assert unclassed() == set(named)
    assert len(named) == len(set(named))


def test_what_is_masked_in_a_row_is_masked_in_its_versions():
    assert unmasked_versions() == set()


def test_models_left_out_by_name_exist_and_are_left_out_for_one_reason():
    known = {model._meta.label_lower for model in word_columns.apps.get_models()}

    assert (NEVER_MASKED | NOT_ABOUT_DOCTORS) - known == set()
    assert set() == NEVER_MASKED & NOT_ABOUT_DOCTORS


def test_a_new_column_is_found(monkeypatch):
    fresh = models.CharField(max_length=30)
    fresh.set_attributes_from_name("nickname")
    fresh.concrete = True
    monkeypatch.setitem(
        PrivacyRequest._meta.__dict__, "concrete_fields", (*PrivacyRequest._meta.concrete_fields, fresh)
    )

    assert unclassed() - set(chain.from_iterable(LEFT.values())) == {"doctors.privacyrequest.nickname"}


def test_free_text_of_a_record_is_masked_and_a_place_is_not():
    assert "title" in columns_with_words(word_columns.apps.get_model("compliance.Case"))
    assert Hospital._meta.label_lower in NOT_ABOUT_DOCTORS
