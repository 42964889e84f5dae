"""The library, one material, one version on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from compliance import actions as law
from compliance.selectors.approvals import may_answer_about, requests_about
from compliance.selectors.signatures import signatures_of
from content import actions, permissions
from content.actions.locking import RELEASE
from content.choices import AudienceHospitalLevel, AudienceTier, MaterialStatus, SeatRole
from content.forms import LibraryFilter, MaterialForm, ReasonForm, ReleaseForm, UploadForm
from content.models import Claim, Material, MaterialVersion, PrecheckFinding, ReviewSeat
from content.selectors import desk
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common.listing import Column, answer_list
from pharmacrm.common.offers import offered

from .doors import act, entered_by, tried
from .findings import shown_findings
from .timeline import timeline_of

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

COLUMNS = (
    Column(gettext_lazy("Number"), lambda row: row.material.code),
    Column(gettext_lazy("Material title"), lambda row: row.material.title_zh),
    Column(gettext_lazy("Version"), "version"),
    Column(gettext_lazy("Kind"), lambda row: row.material.get_kind_display()),
    Column(
        gettext_lazy("Products"),
        lambda row: [use.product.code for use in row.material.product_uses.all()],
    ),
    Column(gettext_lazy("State"), lambda row: row.get_status_display()),
    Column(gettext_lazy("Approval number"), "approval_number"),
    Column(gettext_lazy("Expires on"), "expires_on"),
    Column(gettext_lazy("Author"), lambda row: str(row.author)),
)
SEATS = ReviewSeat.objects.select_related("reviewer").order_by("role")
EDITABLE = (MaterialStatus.DRAFT, MaterialStatus.CHANGES_REQUESTED)
STOPPABLE = (
    MaterialStatus.DRAFT,
    MaterialStatus.IN_REVIEW,
    MaterialStatus.CHANGES_REQUESTED,
    MaterialStatus.APPROVED,
    MaterialStatus.RELEASED,
)
RECALLABLE = (MaterialStatus.RELEASED, MaterialStatus.WITHDRAWN, MaterialStatus.SUPERSEDED)


@entered_by(permissions.can_see_library)
def material_list(request: HttpRequest) -> HttpResponse:
    form = LibraryFilter(request.GET)
    return answer_list(
        request,
        "content/material_list.html",
        name="materials",
        columns=COLUMNS,
        form=form,
        rows=desk.library(request.user, timezone.localdate(), **form.chosen()),
        may_write=permissions.can_write_material(request.user),
    )


@entered_by(permissions.can_write_material)
def material_create(request: HttpRequest) -> HttpResponse:
    form = MaterialForm(request.POST or None, initial={"product_ids": request.GET.getlist("product")})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        said["product_ids"] = [UUID(key) for key in said["product_ids"]]
        made = tried(form, lambda: actions.create_material(by=request.user, at=timezone.now(), **said))
        if made:
            return redirect("content:version-detail", made.pk)
    return render(
        request, "content/form_page.html", {"form": form, "title": _("New material"), "submit": _("Save")}
    )


@entered_by(permissions.can_see_library)
def material_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All versions of a material that the reader may see, and who stands behind each."""
    material = get_object_or_404(Material, pk=pk)
    versions = list(
        desk.versions_visible_to(request.user)
        .filter(material=material)
        .prefetch_related(Prefetch("rounds__seats", SEATS), "files")
        .order_by("-version")
    )
    if not versions:
        raise Http404
    on_the_way = any(version.status in actions_take_a_file() for version in versions)
    return render(
        request,
        "content/material_detail.html",
        {
            "material": material,
            "versions": versions,
            "products": [use.product for use in material.product_uses.select_related("product")],
            "tiers": _known(AudienceTier, material.tiers),
            "levels": _known(AudienceHospitalLevel, material.hospital_levels),
            "departments": _departments(material),
            "may_draft": permissions.can_write_material(request.user) and not on_the_way,
            "is_desk": permissions.can_see_content_desk(request.user),
        },
    )


def actions_take_a_file() -> tuple[str, ...]:
    return (*EDITABLE, MaterialStatus.IN_REVIEW, MaterialStatus.APPROVED)


@entered_by(permissions.can_write_material)
@require_POST
def version_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Material, pk=pk)
    made: list[MaterialVersion] = []
    answer = act(
        request,
        lambda: made.append(
            actions.draft_version(
                material_id=pk, note=request.POST.get("note", ""), by=request.user, at=timezone.now()
            )
        ),
        said=_("A new version is open. Attach its file."),
        to=reverse("content:material-detail", args=[pk]),
    )
    return redirect("content:version-detail", made[0].pk) if made else answer


@entered_by(permissions.can_see_library)
def version_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = seen_version(request, pk)
    return render(request, "content/version_detail.html", _version_page(request, version))


@entered_by(permissions.can_write_material)
@require_POST
def version_attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = seen_version(request, pk)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        if tried(
            form,
            lambda: actions.attach_file(
                version_id=pk, upload=upload, name=upload.name, by=request.user, at=timezone.now()
            ),
        ):
            return redirect("content:version-detail", pk)
    page = _version_page(request, version) | {"upload_form": form}
    return render(request, "content/version_detail.html", page, status=422)


@entered_by(permissions.can_write_material)
@require_POST
def version_claims(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    chosen: dict[UUID, int | None] = {}
    for key in request.POST.getlist("claims"):
        page = request.POST.get(f"page-{key}", "")
        chosen[UUID(key)] = int(page) if page.isdigit() and 0 < int(page) < 1000 else None
    return act(
        request,
        lambda: actions.use_claims(version_id=pk, claim_pages=chosen, by=request.user, at=timezone.now()),
        said=_("Claims saved."),
        to=reverse("content:version-detail", args=[pk]),
    )


@entered_by(permissions.can_write_material)
@require_POST
def version_labels(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.renew_labels(version_id=pk, by=request.user, at=timezone.now()),
        said=_("The version now rests on the labels in force."),
        to=reverse("content:version-detail", args=[pk]),
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def version_precheck(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.precheck_version(version_id=pk, by=request.user, at=timezone.now()),
        said=_("The pre-check ran again."),
        to=reverse("content:version-detail", args=[pk]) + "#precheck",
    )


@entered_by(permissions.can_write_material)
@require_POST
def finding_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    finding = get_object_or_404(PrecheckFinding.objects.select_related("file"), pk=pk)
    seen_version(request, finding.file.version_id)
    return act(
        request,
        lambda: actions.answer_finding(
            finding_id=pk, answer=request.POST.get("answer", ""), by=request.user, at=timezone.now()
        ),
        said=_("Answered. The reviewers read it."),
        to=reverse("content:version-detail", args=[finding.file.version_id]) + "#precheck",
    )


@entered_by(permissions.can_write_material)
@require_POST
def version_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    reviewers = {role: UUID(key) for role in SeatRole.values if (key := request.POST.get(role, ""))}
    return act(
        request,
        lambda: actions.submit_version(
            version_id=pk, reviewers=reviewers, by=request.user, at=timezone.now()
        ),
        said=_("Submitted to medical, regulatory and compliance review."),
        to=reverse("content:version-detail", args=[pk]),
    )


@entered_by(permissions.can_write_material)
@require_POST
def version_take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.take_back_version(version_id=pk, by=request.user, at=timezone.now()),
        said=_("Taken back."),
        to=reverse("content:version-detail", args=[pk]),
    )


@entered_by(permissions.can_see_content_desk)
def version_release(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = seen_version(request, pk)
    form = ReleaseForm(request.POST or None, initial={"expires_on": _a_year_on()})
    asked = requests_about(RELEASE, f"material_version:{pk}").first()
    if request.method == "POST" and form.is_valid():
        made = tried(
            form,
            lambda: actions.release_version(
                version_id=pk, by=request.user, at=timezone.now(), **form.cleaned_data
            ),
        )
        if made:
            return redirect("content:version-detail", pk)
    return render(
        request,
        "content/version_release.html",
        {
            "version": version,
            "form": form,
            "file": desk.current_file(version),
            "seats": _last_seats(version),
            "asked": asked,
            "step": law.step_of(asked, request.user, timezone.now()) if asked else None,
            "may_release": _may_release(request.user, version),
        },
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def version_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.withdraw_version(
            version_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        ),
        said=_("Withdrawn. Phones drop it within 60 seconds."),
        to=reverse("content:version-detail", args=[pk]),
    )


@entered_by(permissions.can_see_content_desk)
@require_POST
def version_recall(request: HttpRequest, pk: UUID) -> HttpResponse:
    seen_version(request, pk)
    return act(
        request,
        lambda: actions.recall_version(
            version_id=pk, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        ),
        said=_("Recalled. Phones drop it within 60 seconds."),
        to=reverse("content:version-detail", args=[pk]),
    )


def seen_version(request: HttpRequest, pk: UUID) -> MaterialVersion:
    version = desk.version_of(request.user, pk)
    if version is None:
        raise Http404
    return version


def _may_release(user: User, version: MaterialVersion) -> bool:
    return (
        version.status == MaterialStatus.APPROVED
        and permissions.can_release(user, version)
        and may_answer_about(RELEASE, f"material_version:{version.pk}", user, timezone.localdate())
    )


def _version_page(request: HttpRequest, version: MaterialVersion) -> dict[str, Any]:
    user, file = request.user, desk.current_file(version)
    is_mine = permissions.can_edit_version(user, version)
    products = [use.product for use in version.material.product_uses.all()]
    findings = shown_findings(file.findings.order_by("page", "start")) if file else []
    uses = version.claim_uses.select_related("claim").order_by("page", "claim__code")
    used = {use.claim_id: use for use in uses}
    may_edit = is_mine and version.status in EDITABLE
    return {
        "version": version,
        "material": version.material,
        "products": products,
        "tiers": _known(AudienceTier, version.material.tiers),
        "levels": _known(AudienceHospitalLevel, version.material.hospital_levels),
        "departments": _departments(version.material),
        "file": file,
        "pages": range(1, (file.pages if file else 0) + 1),
        "findings": findings,
        "open_must": sum(one.is_must and one.row.state == "open" for one in findings),
        "claim_uses": uses,
        "choosable": [
            {"claim": claim, "use": used.get(claim.pk)}
            for claim in Claim.objects.filter(product__in=products, status="approved").order_by("code")[:200]
        ]
        if may_edit
        else [],
        "label_uses": version.label_uses.select_related("label__product"),
        "labels_are_old": any(
            use.label.status != "effective" for use in version.label_uses.select_related("label")
        ),
        "rounds": version.rounds.prefetch_related(Prefetch("seats", SEATS)).order_by("-number"),
        "signatures": signatures_of(f"material_version:{version.pk}"),
        "release": getattr(version, "release", None),
        "timeline": timeline_of(version),
        "upload_form": UploadForm(),
        "reason_form": ReasonForm(),
        "reviewers": [
            (role, role.label, [one for one in people_with_role(role) if one.pk != version.author_id])
            for role in SeatRole
        ]
        if may_edit
        else [],
        "is_mine": is_mine,
        "is_desk": permissions.can_see_content_desk(user),
        "may_edit": may_edit,
        "may_attach": is_mine and version.status in actions_take_a_file(),
        "asked_release": requests_about(RELEASE, f"material_version:{version.pk}").first(),
        "may_release": _may_release(user, version),
        "may_withdraw": version.status in STOPPABLE and permissions.can_withdraw(user, version),
        "may_recall": version.status in RECALLABLE and permissions.can_recall(user),
    }


def _departments(material: Material) -> list[tuple[str, bool]]:
    """The departments a material is for, each with whether the standard list knows it."""
    known = {one.name for one in offered("departments")} if material.departments else set()
    return [(name, name in known) for name in material.departments]


def _known(choices: Any, values: list[str]) -> list[Any]:
    return [choices(value) for value in values if value in choices.values]


def _last_seats(version: MaterialVersion) -> list[Any]:
    passage = version.rounds.order_by("-number").first()
    return list(passage.seats.select_related("reviewer").order_by("role")) if passage else []


def _a_year_on() -> str:
    today = timezone.localdate()
    last = today.replace(year=today.year + 1, day=min(today.day, 28))
    return last.isoformat()
