"""All the master record knows of one doctor in one statement, for pages that show everything at once (S6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from doctors.choices import (
    AcademicRole,
    Channel,
    ContactKind,
    GuidelineRole,
    InteractionKind,
    InterestKind,
    OverrideState,
    PostLevel,
    StakeholderKind,
)
from doctors.models import (
    AcademicPost,
    Affiliation,
    Authorship,
    ConsentRecord,
    ContactPoint,
    Doctor,
    GuidelineWork,
    Interaction,
    Interest,
    Preference,
    StakeholderRole,
    TierAssignment,
    TierOverride,
)
from doctors.rules import consents as lattice
from doctors.selectors.academic import day_in_words, preference_words
from doctors.selectors.cards import CARD_FIELDS, DoctorCard, card_of_row
from doctors.selectors.consents import CONTACT_PURPOSE, moment_of, outdated_on
from doctors.selectors.families import family_of
from doctors.selectors.profile import ASKED_CHANNELS
from doctors.selectors.relations import (
    COAUTHOR,
    CONSORTIUM,
    DEPARTMENT,
    SOCIETY,
    Relation,
    co_authors,
    consortium_partners,
    peers_read,
    relations_read,
    society_peers,
)
from doctors.selectors.tiers import UNPROFILED, TierNow, label_of
from doctors.selectors.visibility import doctors_visible_to
from pharmacrm.accounts.models import User

COLLEAGUES = 6
LATEST = 12
WORKS = 5
VISITS = (InteractionKind.VISIT, InteractionKind.REMOTE_VISIT)


@dataclass(frozen=True)
class Colleague:
    """A doctor of the same department of the same hospital."""

    id: UUID
    name: str
    tier: str

    @property
    def tier_label(self) -> str:
        return label_of(self.tier)


@dataclass(frozen=True)
class Contact:
    """One contact of the stream."""

    at: datetime
    kind: str
    channel: str
    by: str

    @property
    def kind_label(self) -> str:
        return str(InteractionKind(self.kind).label)

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label)


@dataclass(frozen=True)
class Overview:
    """A doctor as the master record has them.

    `consents` says for each channel what holds for academic contact. `counts` are contacts of the last 365 days by kind;
    `moves` are the changes of tier, newest first. `allowed` are the channels with consent; a preference adds none.
    """

    card: DoctorCard
    now: TierNow
    roles: tuple[str, ...]
    role_keys: frozenset[str]
    department_code: str
    works: tuple[dict[str, Any], ...]
    posts: tuple[tuple[str, str, str], ...]
    papers: tuple[tuple[str, str, str], ...]
    guidelines: tuple[tuple[str, str, int, str], ...]
    preferred_channel: str
    preferred_language: str
    interests: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str], ...]
    consents: tuple[tuple[str, str], ...]
    allowed: frozenset[str]
    colleagues: tuple[Colleague, ...]
    relations: tuple[Relation, ...]
    stream: tuple[Contact, ...]
    moves: tuple[tuple[datetime, str], ...]
    counts: dict[str, int]
    visits_30_days: int

    @property
    def preference(self) -> list[str]:
        """Return the preferred channel and language in words."""
        return preference_words(self.preferred_channel, self.preferred_language)

    @property
    def elsewhere(self) -> int:
        """How many places of work there are besides the main one."""
        return max(len(self.works) - 1, 0)


def overview_of(user: User, doctor_id: UUID | str, *, at: datetime, on: date) -> Overview | None:
    """Return all about one doctor whom a person may see, or None. Cost: two queries, and one for their territories."""
    # SECURITY: a colleague in another territory is not named to whoever may not see them.
    visible = doctors_visible_to(user, on)
    in_sight = visible.order_by().values("pk")
    held = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    family = family_of(doctor_id)
    year = Interaction.objects.filter(
        doctor_id__in=family, weight__gt=0, at__gt=at - timedelta(days=365)
    ).order_by()
    row = (
        visible.filter(pk=doctor_id)
        .annotate(
            works=_listed(
                Affiliation.objects.filter(held, doctor_id__in=family).order_by("-is_primary", "valid_from"),
                hospital="hospital__name", hospital_id="hospital_id", department="department__name",
                named="department_name", since="valid_from", is_primary="is_primary",
            ),
            posts=_listed(
                AcademicPost.objects.filter(held, doctor_id__in=family).order_by("level", "organisation"),
                organisation="organisation", role="role", level="level",
            ),
            interests_said=_listed(
                Interest.objects.filter(doctor_id__in=family, is_active=True).order_by("kind", "name"),
                name="name", kind="kind",
            ),
            parts=_listed(
                StakeholderRole.objects.filter(held, doctor_id__in=family, valid_from__lte=on).order_by("role"),
                role="role",
            ),
            reached=_listed(
                ContactPoint.objects.filter(doctor_id__in=family, is_active=True).order_by(
                    "-is_preferred", "kind", "pk"
                ),
                kind="kind", masked="masked",
            ),
            answers=_listed(
                ConsentRecord.objects.filter(doctor_id__in=family).annotate(outdated=outdated_on()).order_by("pk"),
                id="pk", channel="channel", purpose="purpose__code", product="product_code", state="state",
                since="valid_from", until="valid_until", outdated="outdated",
            ),
            by_hand=_listed(
                TierOverride.objects.filter(doctor=OuterRef("pk"), state=OverrideState.APPROVED).order_by("pk"),
                until="valid_until",
            ),
            beside=_listed(
                Doctor.objects.filter(
                    hospital=OuterRef("hospital"), department=OuterRef("department"), merged_into__isnull=True,
                    pk__in=in_sight,
                )
                .exclude(pk=OuterRef("pk"))
                .order_by("-tier", "pk")[:COLLEAGUES],
                id="pk", name="identity__name", code="code", tier="tier",
            ),
            society=_listed(society_peers(in_sight, held), peers="peers"),
            partners=_listed(
                consortium_partners(in_sight),
                id="pk", name="identity__name", code="code", tier="tier", through="hospital__name",
            ),
            wrote_with=_listed(
                co_authors(in_sight, family),
                id="doctor_id", name="doctor__identity__name", code="doctor__code", tier="doctor__tier",
                through="publication__title",
            ),
            wrote=_listed(
                Authorship.objects.filter(doctor_id__in=family, ended_at=None)
                .order_by("-publication__published_on", "pk")[:WORKS],
                id="publication_id", title="publication__title", journal="publication__journal",
                day="publication__published_on", precision="publication__date_precision",
            ),
            guided=_listed(
                GuidelineWork.objects.filter(doctor_id__in=family, ended_at=None).order_by("-year", "pk")[:WORKS],
                title="title", issuer="issuer", year="year", role="role",
            ),
            likes=_listed(
                Preference.objects.filter(doctor_id__in=family, valid_until=None).order_by("-pk")[:1],
                channel="channel", language="language",
            ),
            last=_listed(
                Interaction.objects.filter(doctor_id__in=family, weight__gt=0).order_by("-at", "-pk")[:LATEST],
                at="at", kind="kind", channel="channel", by="by__display_name", login="by__username",
            ),
            moved=_listed(
                TierAssignment.objects.filter(doctor=OuterRef("pk")).order_by("-pk")[:LATEST],
                since="since", tier="tier",
            ),
            counted=ArraySubquery(
                year.values("kind").annotate(n=Count("pk")).values(one=JSONObject(kind="kind", n="n"))
            ),
            lately=ArraySubquery(
                year.filter(at__gt=at - timedelta(days=30), kind__in=VISITS).values(one=JSONObject(kind="kind"))
            ),
        )
        .values(
            *CARD_FIELDS, "department__code", "works", "posts", "interests_said", "parts", "reached", "answers", "by_hand", "beside",
            "society", "partners", "wrote_with", "wrote", "guided", "likes",
            "last", "moved", "counted", "lately",
        )
        .first()
    )  # fmt: skip
    return _read(row, at) if row else None


def _listed(rows: QuerySet[Any], **fields: str) -> ArraySubquery:
    return ArraySubquery(rows.values(one=JSONObject(**fields)))


def _read(row: dict[str, Any], at: datetime) -> Overview:
    card = card_of_row(row)
    tier = UNPROFILED if card.profiling_refused else card.tier
    by_hand = None if card.profiling_refused else next(iter(row["by_hand"]), None)
    answers = [
        lattice.Answer(
            str(one["id"]),
            one["channel"],
            one["purpose"] or "",
            one["product"],
            one["state"],
            datetime.fromisoformat(one["since"]),
            datetime.fromisoformat(one["until"]) if one["until"] else None,
            moment_of(one["outdated"]),
        )
        for one in row["answers"]
    ]
    states = {
        channel: lattice.resolve(answers, channel=str(channel), purpose=CONTACT_PURPOSE, at=at).state
        for channel in ASKED_CHANNELS
    }
    return Overview(
        card=card,
        now=TierNow(
            doctor_id=card.id,
            tier=tier,
            label=label_of(tier),
            is_override=by_hand is not None,
            valid_until=date.fromisoformat(by_hand["until"]) if by_hand else None,
        ),
        roles=tuple(dict.fromkeys(str(StakeholderKind(one["role"]).label) for one in row["parts"])),
        role_keys=frozenset(one["role"] for one in row["parts"]),
        department_code=row["department__code"] or "",
        works=tuple(row["works"]),
        posts=tuple(
            (one["organisation"], str(AcademicRole(one["role"]).label), str(PostLevel(one["level"]).label))
            for one in row["posts"]
        ),
        papers=tuple(
            (one["title"], one["journal"], day_in_words(date.fromisoformat(one["day"]), one["precision"]))
            for one in row["wrote"]
        ),
        guidelines=tuple(
            (one["title"], one["issuer"], one["year"], str(GuidelineRole(one["role"]).label))
            for one in row["guided"]
        ),
        preferred_channel=next((one["channel"] for one in row["likes"]), ""),
        preferred_language=next((one["language"] for one in row["likes"]), ""),
        interests=tuple((one["name"], str(InterestKind(one["kind"]).label)) for one in row["interests_said"]),
        contacts=tuple((str(ContactKind(one["kind"]).label), one["masked"]) for one in row["reached"]),
        consents=tuple((str(channel.label), state) for channel, state in states.items()),
        allowed=frozenset(str(channel) for channel, state in states.items() if state == lattice.GIVEN),
        colleagues=tuple(
            Colleague(UUID(one["id"]), one["name"] or one["code"], one["tier"]) for one in row["beside"]
        ),
        relations=(
            *relations_read(({**one, "through": card.department} for one in row["beside"]), DEPARTMENT),
            *relations_read(peers_read(row["society"]), SOCIETY),
            *relations_read(row["partners"], CONSORTIUM),
            *relations_read(row["wrote_with"], COAUTHOR),
        ),
        stream=tuple(
            Contact(datetime.fromisoformat(one["at"]), one["kind"], one["channel"], _who(one))
            for one in row["last"]
        ),
        moves=tuple((datetime.fromisoformat(one["since"]), label_of(one["tier"])) for one in row["moved"]),
        counts={one["kind"]: one["n"] for one in row["counted"]},
        visits_30_days=len(row["lately"]),
    )


def _who(one: dict[str, str | None]) -> str:
    return one["by"] or one["login"] or ""
