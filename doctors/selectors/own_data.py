"""Everything the customer master holds about one doctor, for the doctor's own eyes. Source: PIPL 45 (PI-07)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from doctors.models import (
    AcademicPost,
    Affiliation,
    Authorship,
    ChangeRequest,
    ConsentRecord,
    ContactPoint,
    ContactReveal,
    GuidelineWork,
    Interaction,
    Interest,
    Preference,
    PrivacyRequest,
    StakeholderRole,
    TierAssignment,
)
from doctors.selectors.academic import day_in_words
from doctors.selectors.cards import doctor_card
from doctors.selectors.explanations import explain_briefly
from doctors.selectors.lattice import channel_label, name_of
from doctors.selectors.privacy import opener_of
from doctors.selectors.score_words import points
from doctors.selectors.tiers import label_of, tier_of


@dataclass(frozen=True)
class OwnPart:
    """One kind of data: its key for machines, its title, why it is kept, named columns and rows of plain text."""

    key: str
    title: str
    purpose: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def headings(self) -> list[str]:
        return [label for _key, label in self.columns]


def own_part(
    key: str, title: str, purpose: str, columns: Iterable[tuple[str, str]], rows: Iterable[Iterable[Any]]
) -> OwnPart:
    """Return a part with every value as text; moments in the company's time, nothing for nothing."""
    return OwnPart(
        key, title, purpose, tuple(columns), tuple(tuple(_text(value) for value in row) for row in rows)
    )


def own_data_of(doctor_id: UUID) -> list[OwnPart]:
    """Return all parts of the master record, contacts opened. The caller has confirmed who reads. Cost: constant."""
    card = doctor_card(doctor_id)
    if card is None:
        return []
    now, opened = tier_of(doctor_id), opener_of(doctor_id)
    why = explain_briefly(now)
    public, contact = (
        _("public professional information (PIPL 13(6))"),
        _("academic contact, by your consent"),
    )
    day, by = ("day", _("Day")), ("by", _("By"))
    return [
        own_part(
            "identity", _("Who you are"), public,
            [("name", _("Name")), ("code", _("Our number")), ("title", pgettext("physician", "Title")), ("post", _("Post")),
             ("specialty", _("Specialty")), ("hospital", _("Hospital")), ("department", _("Department"))],
            [(card.name, card.code, card.title_label, card.post_label, card.specialty, card.hospital, card.department)],
        ),
        own_part(
            "contacts", _("How to reach you"), contact, [("kind", _("Kind")), ("value", _("Value"))],
            [
                (row.get_kind_display(), opened(row.sealed))
                for row in ContactPoint.objects.filter(doctor_id=doctor_id, is_active=True).order_by("kind", "pk")
            ],
        ),
        own_part(
            "contact_reads", _("Who read your contact data in full"), _("proof of access (PIPL 51)"),
            [("at", _("When")), by, ("why", _("Why"))],
            [
                (row.at, row.by, row.purpose)
                for row in ContactReveal.objects.filter(contact__doctor_id=doctor_id).select_related("by").order_by("at")
            ],
        ),
        own_part(
            "workplaces", _("Places of work"), public,
            [("hospital", _("Hospital")), ("department", _("Department")), ("from", _("From")), ("until", _("Until"))],
            [
                (row.hospital, row.department_name or row.department or "", row.valid_from, row.valid_until)
                for row in Affiliation.objects.filter(doctor_id=doctor_id).select_related("hospital", "department").order_by("valid_from")
            ],
        ),
        own_part(
            "posts", _("Academic posts"), public,
            [("organisation", _("Organisation")), ("role", _("Role")), ("level", _("Level"))],
            [
                (row.organisation, row.get_role_display(), row.get_level_display())
                for row in AcademicPost.objects.filter(doctor_id=doctor_id).order_by("organisation", "pk")
            ],
        ),
        own_part(
            "publications", _("Publications"), public,
            [("title", _("Publication")), ("journal", _("Journal")), day, ("place", _("Place among the authors"))],
            [
                (row.publication.title, row.publication.journal,
                 day_in_words(row.publication.published_on, row.publication.date_precision), row.position)
                for row in Authorship.objects.filter(doctor_id=doctor_id, ended_at=None)
                .select_related("publication").order_by("-publication__published_on", "pk")
            ],
        ),
        own_part(
            "guidelines", _("Guideline work"), public,
            [("title", _("Guideline")), ("issuer", _("Issued by")), ("year", _("Year")), ("role", _("Role"))],
            [
                (row.title, row.issuer, row.year, row.get_role_display())
                for row in GuidelineWork.objects.filter(doctor_id=doctor_id, ended_at=None).order_by("-year", "pk")
            ],
        ),
        own_part(
            "preferences", _("How you like to be reached"), contact,
            [("channel", _("Channel")), ("language", _("Language")), ("from", _("From")), ("until", _("Until"))],
            [
                (row.get_channel_display() if row.channel else "", row.get_language_display() if row.language else "",
                 row.valid_from, row.valid_until)
                for row in Preference.objects.filter(doctor_id=doctor_id).order_by("valid_from", "pk")
            ],
        ),
        own_part(
            "interests", _("Interests"), contact, [("name", pgettext("thing", "Name")), ("kind", _("Kind")), ("source", _("Source"))],
            [
                (row.name, row.get_kind_display(), row.get_source_display())
                for row in Interest.objects.filter(doctor_id=doctor_id).order_by("kind", "name")
            ],
        ),
        own_part(
            "roles", _("Your part in decisions, as we see it"), contact,
            [("role", _("Role")), ("from", _("From")), ("until", _("Until"))],
            [
                (row.get_role_display(), row.valid_from, row.valid_until)
                for row in StakeholderRole.objects.filter(doctor_id=doctor_id).order_by("valid_from", "pk")
            ],
        ),
        own_part(
            "tier", _("Your tier and how it came about"), _("choice of academic content; you may refuse (PIPL 24)"),
            [("what", _("What")), ("value", _("Value")), ("points", _("Points"))],
            [
                (_("Tier"), now.label, points(why.score_bp) if why.is_scored else ""),
                *((line.label, line.raw_text, points(line.contribution_bp)) for line in why.features),
            ],
        ),
        own_part(
            "tier_history", _("Tiers before"), _("choice of academic content; you may refuse (PIPL 24)"),
            [("since", _("Since")), ("tier", _("Tier"))],
            [(row.since, label_of(row.tier)) for row in TierAssignment.objects.filter(doctor_id=doctor_id).order_by("pk")],
        ),
        own_part(
            "consents", _("What you answered"), _("proof of consent (PIPL 14, 17)"),
            [("at", _("When")), ("purpose", _("Purpose")), ("channel", _("Channel")), ("product", _("Product")),
             ("answer", _("Answer")), ("notice", _("Version of the notice")), by],
            [
                (row.valid_from, name_of(row.purpose), channel_label(row.channel), row.product_code,
                 row.get_state_display(), row.notice.version if row.notice else "", row.recorded_by or _("you"))
                for row in ConsentRecord.objects.filter(doctor_id=doctor_id)
                .select_related("purpose", "notice", "recorded_by").order_by("valid_from", "pk")
            ],
        ),
        own_part(
            "contacts_made", _("Contacts"), contact,
            [("at", _("When")), ("kind", _("Kind")), ("channel", _("Channel")), by],
            [
                (row.at, row.get_kind_display(), row.get_channel_display(), row.by or "")
                for row in Interaction.objects.filter(doctor_id=doctor_id, weight__gt=0).select_related("by").order_by("at", "pk")
            ],
        ),
        own_part(
            "corrections", _("Corrections asked for"), _("accuracy (PIPL 8)"), [day, ("state", _("State"))],
            [
                (row.asked_at, row.get_state_display())
                for row in ChangeRequest.objects.filter(doctor_id=doctor_id).order_by("asked_at", "pk")
            ],
        ),
        own_part(
            "requests", _("Your requests"), _("your rights (PIPL 44 to 50)"),
            [("number", _("Number")), day, ("kind", _("What is asked")), ("state", _("State"))],
            [
                (row.number, row.received_at, row.get_kind_display(), row.get_state_display())
                for row in PrivacyRequest.objects.filter(doctor_id=doctor_id).order_by("received_at", "pk")
            ],
        ),
    ]  # fmt: skip


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M")
    return str(value)
