"""What a person at the content desk sees: lists and single rows. What one may not see is not in the queryset."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Q, QuerySet

from content import permissions
from content.choices import MaterialStatus, RoundOutcome, SeatDecision, SeatRole
from content.models import (
    Annotation,
    Claim,
    Label,
    Material,
    MaterialFile,
    MaterialVersion,
    Product,
    Reference,
    Release,
    ReviewSeat,
)

from .dependencies import materials_rest_on

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

EXPIRES_SOON = timedelta(days=60)


def versions_visible_to(user: User) -> QuerySet[MaterialVersion]:
    """Return the versions `user` may read: the desk all but others' drafts, the field what is released.

    Cost: one query; material and author are joined in, products come with one more.
    """
    rows = MaterialVersion.objects.select_related("material", "author").prefetch_related(
        "material__product_uses__product"
    )
    if permissions.can_see_content_desk(user):
        return rows.filter(~Q(status=MaterialStatus.DRAFT) | Q(author=user))
    if permissions.can_see_library(user):
        return rows.filter(status=MaterialStatus.RELEASED)
    return rows.none()


def library(
    user: User,
    on: date,
    *,
    q: str = "",
    status: str = "",
    kind: str = "",
    product: str = "",
    expires: str = "",
) -> QuerySet[MaterialVersion]:
    """Return the versions of the library that the filters leave. `expires` is soon or past. Cost: as above."""
    rows = versions_visible_to(user)
    if q:
        matching = Material.objects.filter(
            Q(title_zh__icontains=q) | Q(title_en__icontains=q) | Q(code__icontains=q)
        )
        rows = rows.filter(material__in=matching)
    if status:
        rows = rows.filter(status=status)
    if kind:
        rows = rows.filter(material__kind=kind)
    if product:
        rows = rows.filter(
            material__in=Material.objects.filter(product_uses__product__code=product).values("pk")
        )
    if expires == "soon":
        rows = rows.filter(
            status=MaterialStatus.RELEASED, expires_on__gt=on, expires_on__lte=on + EXPIRES_SOON
        )
    elif expires == "past":
        rows = rows.filter(expires_on__lte=on)
    return rows


def version_of(user: User, version_id: UUID | str) -> MaterialVersion | None:
    """Return one version the user may read, or None."""
    return versions_visible_to(user).filter(pk=version_id).first()


def current_file(version: MaterialVersion) -> MaterialFile | None:
    """Return the file a version stands for now."""
    return (
        MaterialFile.objects.filter(version=version, is_current=True)
        .select_related("stored", "version")
        .first()
    )


def shown_file(version: MaterialVersion) -> MaterialFile | None:
    """Return the file that was released; for other states the current one."""
    file = current_file(version)
    release = Release.objects.filter(version=version).first()
    if file is not None and release is not None and release.file_sha256 != file.sha256:
        return None
    return file


def notes_of(file: MaterialFile) -> QuerySet[Annotation]:
    """Return the remarks on a file, by number, with answers."""
    return (
        file.annotations.select_related("author", "resolved_by")
        .prefetch_related("replies__author")
        .order_by("number")
    )


def seats_waiting_for(user: User) -> QuerySet[ReviewSeat]:
    """Return the seats a person may decide: their own, and open ones of their roles; the first due come first."""
    roles = [role for role in SeatRole.values if user.has_role(role)]
    return (
        ReviewSeat.objects.filter(
            Q(reviewer=user) | Q(reviewer__isnull=True, role__in=roles),
            decision=SeatDecision.WAITING,
            round__outcome=RoundOutcome.OPEN,
        )
        .exclude(author=user)
        .select_related("round__version__material", "round__version__author", "reviewer")
        .order_by("round__due_at", "pk")
    )


def own_rounds(user: User) -> QuerySet[MaterialVersion]:
    """Return a person's own versions that are on their way, newest first."""
    return (
        MaterialVersion.objects.filter(
            author=user,
            status__in=(
                MaterialStatus.IN_REVIEW,
                MaterialStatus.CHANGES_REQUESTED,
                MaterialStatus.APPROVED,
            ),
        )
        .select_related("material")
        .prefetch_related("rounds__seats__reviewer")
        .order_by("-pk")
    )


def reviews_waiting(user: User) -> int:
    """Return how many seats wait for a person; the rail shows it."""
    return seats_waiting_for(user).count()


def claims_list(*, q: str = "", status: str = "", product: str = "") -> QuerySet[Claim]:
    """Return claims that the filters leave, with product and the number of their grounds."""
    rows = Claim.objects.select_related("product", "author", "approver").annotate(grounds=Count("links"))
    if q:
        rows = rows.filter(Q(text_zh__icontains=q) | Q(text_en__icontains=q) | Q(code__iexact=q))
    if status:
        rows = rows.filter(status=status)
    if product:
        rows = rows.filter(product__code=product)
    return rows


def references_list(*, q: str = "", kind: str = "", standing: str = "") -> QuerySet[Reference]:
    """Return references that the filters leave: words in title and abstract, or PMID or DOI."""
    rows = Reference.objects.all()
    if q:
        words = SearchQuery(q, config="english", search_type="websearch")
        vector = SearchVector("title", "title_local", "abstract", config="english")
        if q.isdigit():
            rows = rows.filter(pmid=q)
        elif q.startswith("10."):
            rows = rows.filter(doi=q.lower())
        elif q.isascii():
            rows = rows.annotate(words=vector).filter(words=words)
        else:
            rows = rows.filter(Q(title__icontains=q) | Q(title_local__icontains=q))
    if kind:
        rows = rows.filter(kind=kind)
    if standing:
        rows = rows.filter(standing=standing)
    return rows


def claims_on_reference(reference: Reference) -> QuerySet[Claim]:
    """Return the claims that point into a reference."""
    return (
        Claim.objects.filter(pk__in=reference.anchors.values("links__claim"))
        .select_related("product")
        .order_by("code")
    )


def versions_using(subject: str, *, statuses: Iterable[str] = ()) -> QuerySet[MaterialVersion]:
    """Return the versions, in any state, that rest on a subject."""
    return materials_rest_on(subject, statuses=statuses or MaterialStatus.values)


def labels_of(product: Product) -> QuerySet[Label]:
    """Return a product's labels, newest first."""
    return product.labels.prefetch_related("sections").order_by("-version")


def text_of(file: MaterialFile, page: int) -> str:
    """Return the words of a page, or nothing where it has none."""
    return file.page_rows.filter(number=page).values_list("text", flat=True).first() or ""


def blocks_of(file: MaterialFile, page: int) -> list[dict[str, Any]]:
    """Return the paragraphs of a page with their places."""
    return file.page_rows.filter(number=page).values_list("blocks", flat=True).first() or []
