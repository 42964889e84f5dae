"""What may be shown, to whom, now."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from content import selectors
from content.facts import AudienceFacts
from content.models import MaterialVersion
from tests.factories import content as make

READER = AudienceFacts(
    tier="core", roles=("user",), department="endocrinology", hospital_level="3A", channel="face_to_face"
)


def codes(cards):
    return [card.code for card in cards]


@pytest.mark.django_db
def test_a_released_material_without_audience_limits_is_for_everybody(at):
    released = make.released_material(code="M-0001")

    cards = selectors.released_materials_for(READER, at)

    assert codes(cards) == ["M-0001"]
    assert cards[0].version_id == released.pk
    assert cards[0].pages == 1
    assert len(cards[0].sha256) == 64


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limits", "reader", "found"),
    [
        ({"tiers": ["core"]}, {}, True),
        ({"tiers": ["potential"]}, {}, False),
        ({"tiers": ["core"]}, {"tier": ""}, False),
        ({"roles": ["user", "influencer"]}, {}, True),
        ({"roles": ["decision_maker"]}, {}, False),
        ({"departments": ["endocrinology"]}, {}, True),
        ({"departments": ["cardiology"]}, {}, False),
        ({"hospital_levels": ["3A"]}, {}, True),
        ({"hospital_levels": ["2A"]}, {}, False),
        ({"channels": ["event"]}, {}, False),
        ({"channels": ["face_to_face"]}, {}, True),
        ({}, {"channel": "web"}, False),
        ({}, {"products": ("OTHER",)}, False),
    ],
)
def test_each_side_of_the_audience_is_asked(at, limits, reader, found):
    made = make.released_material(**limits)
    audience = replace(READER, **reader)

    assert bool(selectors.released_materials_for(audience, at)) is found
    facts = selectors.show_facts(made.pk, audience, at)
    assert facts.audience_matches is found


@pytest.mark.django_db
def test_a_device_gets_every_released_material_whoever_the_reader_will_be(at):
    make.released_material(code="M-0001", tiers=["core"], departments=["心内科"])
    make.released_material(code="M-0002", expires_on=date(2026, 11, 23))

    assert codes(selectors.released_cards(at)) == ["M-0001"]
    assert selectors.released_materials_for(AudienceFacts(), at) == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["expired", "withdrawn", "recalled", "superseded", "approved", "draft"])
def test_what_is_not_released_is_not_shown(at, status):
    made = make.released_material()
    made.status = status
    made.save()

    assert selectors.released_materials_for(READER, at) == []
    assert selectors.show_facts(made.pk, READER, at).released is False


@pytest.mark.django_db
def test_a_material_is_gone_on_the_day_it_expires(at):
    make.released_material(expires_on=date(2026, 11, 23))

    assert selectors.released_materials_for(READER, at - timedelta(days=1)) != []
    assert selectors.released_materials_for(READER, at) == []


@pytest.mark.django_db
def test_the_list_costs_the_same_for_one_and_for_many(at, django_assert_max_num_queries):
    one_product = make.product()
    make.released_material(one_product)
    with django_assert_max_num_queries(9) as for_one:
        selectors.released_materials_for(READER, at)
    for _ in range(5):
        make.released_material(one_product)

    with django_assert_max_num_queries(len(for_one)):
        assert len(selectors.released_materials_for(READER, at)) == 6


@pytest.mark.django_db
def test_a_version_names_all_it_rests_on():
    author, approver = make.content_person("marketing"), make.content_person("medical")
    medicine = make.product("YVL")
    one_claim = make.claim(medicine, author=author, approver=approver)
    made = make.released_material(medicine, claims=(one_claim,))

    subjects = selectors.subjects_of(made)

    used = one_claim.links.get().anchor.reference_id
    label = medicine.labels.get().pk
    assert set(subjects) == {
        f"material_version:{made.pk}",
        f"material:{made.material_id}",
        f"product:{medicine.pk}",
        "product:YVL",
        f"label:{label}",
        f"claim:{one_claim.pk}",
        f"reference:{used}",
    }
    for subject in (f"claim:{one_claim.pk}", f"reference:{used}", f"label:{label}", f"product:{medicine.pk}"):
        assert list(selectors.materials_rest_on(subject)) == [made]


@pytest.mark.django_db
def test_the_material_that_answers_the_need_comes_first_and_says_why(at):
    first = make.released_material(code="M-0001", title_zh="血脂管理共识", topics=["血脂达标"])
    second = make.released_material(
        code="M-0002", title_zh="肾功能分层用药手册", topics=["肾功能不全时的剂量"]
    )

    spoken_of = {code for version in (first, second) for code in make.codes_of(version)}
    ranked = selectors.rank_materials(READER, ["肾功能不全患者剂量怎么调"], spoken_of=spoken_of, at=at)

    assert [row.card.code for row in ranked] == ["M-0002", "M-0001"]
    assert ranked[0].points == sum(reason.points for reason in ranked[0].reasons)
    assert ("need_topic", "肾功能不全时的剂量") in [
        (reason.code, reason.words) for reason in ranked[0].reasons
    ]
    assert [reason.code for reason in ranked[1].reasons] == ["fresh"]


@pytest.mark.django_db
def test_a_material_is_offered_only_to_who_may_speak_of_all_its_products(at):
    ours, theirs = make.product("OURS"), make.product("THEIRS")
    make.released_material(ours, code="M-0001")
    make.released_material(ours, theirs, code="M-0002")
    make.released_material(theirs, code="M-0003")

    ranked = selectors.rank_materials(READER, [], spoken_of={"OURS"}, at=at)

    assert [row.card.code for row in ranked] == ["M-0001"]


@pytest.mark.django_db
def test_the_database_refuses_a_release_without_signature_and_day():
    author = make.content_person("marketing")
    version = make.material_version(make.material(make.product(), owner=author), author=author)

    with pytest.raises(Exception, match="materialversion_released_is_signed"):
        MaterialVersion.objects.filter(pk=version.pk).update(status="released")
