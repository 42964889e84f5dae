"""What may be shown, to whom, now. A hold anywhere below a material takes it out at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from compliance.selectors import is_held
from content.choices import LabelStatus, MaterialStatus
from content.facts import AudienceFacts, ShowFacts
from content.models import LabelUse, Lease, MaterialFile, MaterialProduct, MaterialVersion, Release
from content.rules import AudienceSides, mismatches_of
from content.rules.audience import channel_is_allowed, product_is_allowed
from pharmacrm.common.files import FileAltered, open_verified

from .dependencies import subjects_of, subjects_of_versions


@dataclass(frozen=True)
class MaterialCard:
    """What a list needs to know about one version."""

    version_id: UUID
    material_id: UUID
    code: str
    title_zh: str
    title_en: str
    kind: str
    kind_label: str
    purpose: str
    version: int
    status: str
    status_label: str
    approval_number: str
    released_at: datetime | None
    expires_on: date | None
    pages: int
    sha256: str
    products: tuple[str, ...]
    product_names: tuple[str, ...]
    topics: tuple[str, ...]
    sides: AudienceSides

    @property
    def title(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") and self.title_en else self.title_zh


def released_materials_for(audience: AudienceFacts, at: datetime) -> list[MaterialCard]:
    """Return the cards of all released, unexpired, unheld materials meant for a reader, newest first.

    Cost: seven queries, however many materials; more only while something is on hold.
    """
    return [
        card
        for card in _unheld_cards(_released_on(_day_of(at)).filter(_meant_for(audience)), at)
        if channel_is_allowed(card.sides, audience.channel)
        and product_is_allowed(card.sides, audience.products)
    ]


def released_cards(at: datetime) -> list[MaterialCard]:
    """Return the cards of all released, unexpired, unheld materials whoever their reader is, newest first.

    For a device that learns its reader later; showing asks `show_facts` again. Cost: as above.
    """
    return _unheld_cards(_released_on(_day_of(at)), at)


def material_card(version_id: UUID | str) -> MaterialCard | None:
    """Return the card of one version in any state, or None."""
    version = MaterialVersion.objects.select_related("material").filter(pk=version_id).first()
    return material_cards([version])[0] if version else None


def count_versions(version_ids: Iterable[UUID]) -> int:
    """Return how many of the keys are versions of a material, in any state. Cost: one query."""
    return MaterialVersion.objects.filter(pk__in=list(version_ids)).count()


def material_cards(versions: Iterable[MaterialVersion]) -> list[MaterialCard]:
    """Return cards for versions whose material is joined in, in their order. Cost: two queries."""
    versions = list(versions)
    products: dict[UUID, list[tuple[str, str, bool]]] = {}
    for material_id, code, brand, generic, prescription in MaterialProduct.objects.filter(
        material_id__in=[version.material_id for version in versions]
    ).values_list(
        "material_id",
        "product__code",
        "product__brand",
        "product__generic_name",
        "product__is_prescription",
    ):
        products.setdefault(material_id, []).append((code, brand or generic, prescription))
    files = {
        version_id: (pages, sha256)
        for version_id, pages, sha256 in MaterialFile.objects.filter(
            version__in=versions, is_current=True
        ).values_list("version_id", "pages", "sha256")
    }
    return [
        _card(version, products.get(version.material_id, []), *files.get(version.pk, (0, "")))
        for version in versions
    ]


def show_facts(version_id: UUID | str, audience: AudienceFacts, at: datetime) -> ShowFacts:
    """Return the facts for `material.show` that content knows. Who shows it is added by the caller
    (`dataclasses.replace`: rep_employed, rep_filed, products_outside_filing, training_missing, viewer_verified …).

    Raises: MaterialVersion.DoesNotExist. Cost: eight queries and one pass over the file.
    """
    version = MaterialVersion.objects.select_related("material").get(pk=version_id)
    card = material_cards([version])[0]
    sides, day = card.sides, _day_of(at)
    return ShowFacts(
        shown_on=day.isoformat(),
        material=str(version.pk),
        released=version.status == MaterialStatus.RELEASED,
        expired=version.expires_on is not None and version.expires_on <= day,
        label_current=labels_are_current(version),
        audience_matches=(
            not mismatches_of(sides, audience)
            and channel_is_allowed(sides, audience.channel)
            and product_is_allowed(sides, audience.products)
        ),
        channel=audience.channel,
        product_codes=card.products,
        is_prescription=sides.is_prescription,
        bytes_match=bytes_match(version),
        subjects=subjects_of(version),
    )


def audience_mismatches(version_id: UUID | str, audience: AudienceFacts) -> tuple[str, ...]:
    """Return the sides on which a reader is not the one meant, to say why a material may not be shown."""
    card = material_card(version_id)
    return mismatches_of(card.sides, audience) if card else ()


def labels_are_current(version: MaterialVersion) -> bool:
    """Return whether the version names a label for each of its products and each is the one in force."""
    statuses = dict(
        LabelUse.objects.filter(version=version).values_list("label__product_id", "label__status")
    )
    products = MaterialProduct.objects.filter(material_id=version.material_id).values_list(
        "product_id", flat=True
    )
    return all(statuses.get(product) == LabelStatus.EFFECTIVE for product in products)


def bytes_match(version: MaterialVersion) -> bool:
    """Return whether the stored bytes are those that were released. Cost: one pass over the file."""
    release = Release.objects.filter(version=version).first()
    file = MaterialFile.objects.filter(version=version, is_current=True).select_related("stored").first()
    if release is None or file is None or file.sha256 != release.file_sha256:
        return False
    return stored_bytes_are_right(file)


def stored_bytes_are_right(file: MaterialFile) -> bool:
    """Return whether the bytes in store are those the file was pinned to. Cost: one pass over the file."""
    if file.stored.sha256 != file.sha256:
        return False
    try:
        open_verified(file.stored).close()
    except (FileAltered, FileNotFoundError):
        return False
    return True


def withdrawn_since(user: object, at: datetime) -> list[UUID]:
    """Return the versions a user's devices hold under a live lease and must drop: no longer released, expired or held.

    Cost: two queries and the look at holds. A phone asks every 30 s.
    """
    leased = list(
        MaterialVersion.objects.filter(
            pk__in=Lease.objects.filter(user=user, expires_at__gt=at).values("version_id")
        )
    )
    day = _day_of(at)
    gone = {
        version.pk
        for version in leased
        if version.status != MaterialStatus.RELEASED or version.expires_on <= day
    }
    subjects = subjects_of_versions(version for version in leased if version.pk not in gone)
    if is_held({subject for chain in subjects.values() for subject in chain}, at):
        gone |= {key for key, chain in subjects.items() if is_held(chain, at)}
    return sorted(gone)


def _released_on(day: date) -> QuerySet[MaterialVersion]:
    return (
        MaterialVersion.objects.filter(status=MaterialStatus.RELEASED, expires_on__gt=day)
        .select_related("material")
        .order_by("-released_at", "-pk")
    )


def _unheld_cards(rows: QuerySet[MaterialVersion], at: datetime) -> list[MaterialCard]:
    versions = list(rows)
    subjects = subjects_of_versions(versions)
    if is_held({subject for chain in subjects.values() for subject in chain}, at):
        versions = [version for version in versions if not is_held(subjects[version.pk], at)]
    return material_cards(versions)


def _meant_for(reader: AudienceFacts) -> Q:
    meant = Q()
    for side, values in (
        ("tiers", (reader.tier,)),
        ("roles", reader.roles),
        ("departments", (reader.department,)),
        ("hospital_levels", (reader.hospital_level,)),
        ("channels", (reader.channel,)),
    ):
        asked = [value for value in values if value]
        open_to_all = Q(**{f"material__{side}": []})
        meant &= open_to_all | Q(**{f"material__{side}__overlap": asked}) if asked else open_to_all
    return meant


def _card(
    version: MaterialVersion, products: list[tuple[str, str, bool]], pages: int, sha256: str
) -> MaterialCard:
    material = version.material
    return MaterialCard(
        version_id=version.pk,
        material_id=material.pk,
        code=material.code,
        title_zh=material.title_zh,
        title_en=material.title_en,
        kind=material.kind,
        kind_label=material.get_kind_display(),
        purpose=material.purpose,
        version=version.version,
        status=version.status,
        status_label=version.get_status_display(),
        approval_number=version.approval_number,
        released_at=version.released_at,
        expires_on=version.expires_on,
        pages=pages,
        sha256=sha256,
        products=tuple(code for code, _name, _rx in products),
        product_names=tuple(name for _code, name, _rx in products),
        topics=tuple(material.topics),
        sides=AudienceSides(
            tiers=tuple(material.tiers),
            roles=tuple(material.roles),
            departments=tuple(material.departments),
            hospital_levels=tuple(material.hospital_levels),
            channels=tuple(material.channels),
            products=tuple(code for code, _name, _rx in products),
            is_prescription=any(rx for _code, _name, rx in products),
        ),
    )


def _day_of(at: datetime) -> date:
    return timezone.localtime(at).date()


def showable_on(version_ids: Iterable[UUID], day: date) -> tuple[set[UUID], set[UUID]]:
    """Return which versions are released and unexpired on a day, and which are released but expired."""
    rows = MaterialVersion.objects.filter(
        pk__in=list(version_ids), status=MaterialStatus.RELEASED
    ).values_list("pk", "expires_on")
    shown = {pk for pk, expires_on in rows if expires_on is None or expires_on > day}
    return shown, {pk for pk, _expires_on in rows} - shown


def released_choices(day: date) -> list[tuple[UUID, str]]:
    """Return the versions that may be shown on a day as (key, words), newest first. Cost: one query."""
    rows = _released_on(day)[:500]
    return [(row.pk, f"{row.material.title_zh or row.material.title_en} v{row.version}") for row in rows]
