"""Who gets what at each address of content."""

from datetime import UTC, datetime

from django.core.files.base import ContentFile

from content.choices import MaterialStatus
from content.models import Annotation, ClaimLink, PrecheckFinding
from pharmacrm.accounts.choices import Role
from tests.architecture.permission_rows import Row, for_roles
from tests.factories import content as make

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
R = Role
DESK = (R.MARKETING, R.MEDICAL, R.REGULATORY, R.COMPLIANCE, R.PV, R.INSPECTOR)
LIBRARY = (*DESK, R.REP, R.LINE_MANAGER)
WRITERS = (R.MARKETING, R.MEDICAL)
API = {"anonymous": 401}
UNSEEN = for_roles(404, R.REP, R.LINE_MANAGER)
REVIEWERS = (R.MEDICAL, R.REGULATORY, R.COMPLIANCE)


def released(_user):
    return {"pk": make.released_material().pk}


def released_material(_user):
    return {"pk": make.released_material().material_id}


def _version(status, **fields):
    author, product = make.content_person("marketing"), make.product()
    make.label(product)
    version = make.material_version(
        make.material(product, owner=author), author=author, status=status, **fields
    )
    return version, make.material_file(version)


def in_review(_user):
    version, file = _version(MaterialStatus.IN_REVIEW)
    passage = version.rounds.create(file=file, number=1, opened_by=version.author, opened_at=AT, due_at=AT)
    for role in ("medical", "regulatory", "compliance"):
        passage.seats.create(role=role, author=version.author)
    return {"pk": version.pk}


def approved(_user):
    return {"pk": _version(MaterialStatus.APPROVED, approved_at=AT)[0].pk}


def draft_of(user):
    """A draft of the asking person where they may write, else of somebody else."""
    author = user if user is not None and user.has_role(*WRITERS) else make.content_person("marketing")
    product = make.product()
    make.label(product)
    version = make.material_version(make.material(product, owner=author), author=author)
    make.material_file(version)
    return version


def own_draft(user):
    return {"pk": draft_of(user).pk}


def finding(user):
    file = draft_of(user).files.get()
    return {"pk": PrecheckFinding.objects.create(file=file, rule="ABSOLUTE", severity="must", page=1).pk}


def note(_user):
    key = in_review(None)["pk"]
    version = make.MaterialVersion.objects.get(pk=key)
    return {
        "pk": Annotation.objects.create(
            file=version.files.get(),
            number=1,
            kind="should",
            text="改",
            page=1,
            author=version.author,
            said_at=AT,
        ).pk
    }


def page(_user):
    return released(None) | {"page": 1, "width": 120}


def product(_user):
    return {"pk": make.product().pk}


def label(_user):
    return {"pk": make.label(make.product(), status="draft").pk}


def reference(_user):
    return {"pk": make.reference().pk}


def claim(_user):
    return {"pk": make.claim(make.product(), author=make.content_person("marketing")).pk}


def claim_link(_user):
    return {"pk": ClaimLink.objects.get(claim_id=claim(None)["pk"]).pk}


def material_of_draft(_user):
    return {"pk": make.released_material().material_id}


def upload(_kwargs=None):
    return {"file": ContentFile(make.pdf_bytes(), name="a.pdf")}


def row(name, *roles, method="get", status=200, **more):
    return Row(f"content:{name}", method, statuses=for_roles(status, *roles), **more)


def post(name, *roles, status=302, **more):
    return row(name, *roles, method="post", status=status, **more)


ROWS = [
    row("material-list", *LIBRARY),
    row("material-create", *WRITERS),
    post("material-create", *WRITERS, status=200),
    row("material-detail", *LIBRARY, kwargs=released_material),
    row("material-show", *LIBRARY, kwargs=released_material),
    post("version-draft", *WRITERS, kwargs=material_of_draft),
    row("version-detail", *LIBRARY, kwargs=released),
    Row("content:version-detail", statuses=for_roles(200, *DESK) | for_roles(404, R.REP, R.LINE_MANAGER), kwargs=in_review),
    post("version-attach", *WRITERS, kwargs=own_draft, data=upload),
    post("version-claims", *WRITERS, kwargs=own_draft),
    post("version-labels", *WRITERS, kwargs=own_draft),
    Row("content:version-precheck", "post", statuses=for_roles(302, *REVIEWERS) | for_roles(403, R.MARKETING), kwargs=in_review),
    post("finding-answer", *WRITERS, kwargs=finding, data={"answer": "见说明书"}),
    post("version-submit", *WRITERS, kwargs=own_draft),
    Row("content:version-take-back", "post", kwargs=in_review),
    row("version-release", *DESK, kwargs=approved),
    Row("content:version-release", "post", statuses=for_roles(200, R.REGULATORY, R.COMPLIANCE),
        kwargs=approved, data={"expires_on": "2027-06-01"}),
    Row("content:version-withdraw", "post", statuses=for_roles(302, *REVIEWERS), kwargs=approved, data={"reason": "x"}),
    Row("content:version-recall", "post", statuses=for_roles(302, R.REGULATORY, R.COMPLIANCE), kwargs=released, data={"reason": "x"}),
    Row("content:version-file", statuses=for_roles(200, *DESK) | for_roles(404, R.REP, R.LINE_MANAGER), kwargs=released),
    row("page-picture", *LIBRARY, kwargs=page),
    row("review-list", *DESK),
    Row("content:review", statuses=for_roles(200, *DESK), kwargs=in_review),
    Row("content:compare", statuses=for_roles(404, *DESK), kwargs=in_review),
    Row("content:annotation-create", "post", statuses=for_roles(302, *REVIEWERS), kwargs=in_review,
        data={"kind": "must", "text": "补写 N", "page": 1}),
    Row("content:annotation-resolve", "post", statuses=for_roles(302, *REVIEWERS), kwargs=note),
    Row("content:annotation-reply", "post", statuses=for_roles(302, *REVIEWERS), kwargs=note, data={"text": "好"}),
    Row("content:annotation-reopen", "post", statuses=for_roles(302, *REVIEWERS), kwargs=note),
    Row("content:decide", statuses=for_roles(200, *REVIEWERS) | for_roles(302, R.MARKETING, R.PV, R.INSPECTOR), kwargs=in_review),
    Row("content:decide", "post", statuses=for_roles(200, *REVIEWERS) | for_roles(302, R.MARKETING, R.PV, R.INSPECTOR),
        kwargs=in_review),
    Row("content:hand-over", "post", statuses=for_roles(302, *DESK), kwargs=in_review),
    Row("content:urge", "post", kwargs=in_review),
    row("product-list", *DESK),
    row("product-create", R.MARKETING, R.REGULATORY),
    post("product-create", R.MARKETING, R.REGULATORY, status=200),
    row("product-detail", *DESK, kwargs=product),
    row("product-change", R.MARKETING, R.REGULATORY, kwargs=product),
    post("product-change", R.MARKETING, R.REGULATORY, status=200, kwargs=product),
    row("label-create", R.MARKETING, R.REGULATORY, kwargs=product),
    post("label-create", R.MARKETING, R.REGULATORY, status=200, kwargs=product),
    row("label-detail", *DESK, kwargs=label),
    post("label-activate", R.REGULATORY, R.COMPLIANCE, kwargs=label, data={"reason": "新版说明书"}),
    row("reference-list", *DESK),
    row("reference-create", *WRITERS),
    post("reference-create", *WRITERS, status=200),
    row("reference-import", *WRITERS),
    post("reference-import", *WRITERS, status=200),
    row("reference-detail", *DESK, kwargs=reference),
    post("anchor-create", *WRITERS, kwargs=reference, data={"name": "Table 2"}),
    post("reference-standing", *WRITERS, R.REGULATORY, kwargs=reference,
         data={"standing": "concern", "note": "notice"}),
    row("claim-list", *DESK),
    row("claim-create", *WRITERS),
    post("claim-create", *WRITERS, status=200),
    row("claim-detail", *DESK, kwargs=claim),
    row("claim-change", *WRITERS, kwargs=claim),
    post("claim-change", *WRITERS, status=200, kwargs=claim),
    post("claim-lint", *WRITERS, status=200),
    post("claim-link", *WRITERS, kwargs=claim),
    post("claim-unlink", *WRITERS, kwargs=claim_link),
    post("claim-submit", *WRITERS, kwargs=claim),
    Row("content:claim-take-back", "post", kwargs=claim),
    post("claim-approve", R.MEDICAL, R.REGULATORY, kwargs=claim),
    post("claim-return", R.MEDICAL, R.REGULATORY, kwargs=claim, data={"reason": "改"}),
    post("claim-retire", R.MEDICAL, R.REGULATORY, kwargs=claim, data={"reason": "旧"}),
    Row("api:content-api:product-list", statuses=for_roles(200, *DESK), **API),
    Row("api:content-api:product-detail", statuses=for_roles(200, *DESK), kwargs=product, **API),
    Row("api:content-api:claim-list", statuses=for_roles(200, *DESK), **API),
    Row("api:content-api:claim-detail", statuses=for_roles(200, *DESK), kwargs=claim, **API),
    Row("api:content-api:material-list", statuses=for_roles(200, *LIBRARY), **API),
    Row("api:content-api:material-detail", statuses=for_roles(200, *LIBRARY), kwargs=released, **API),
    Row("api:content-api:material-submit", "post", statuses=UNSEEN, kwargs=in_review, **API),
    Row("api:content-api:material-take-back", "post", statuses=UNSEEN, kwargs=in_review, **API),
    Row("api:content-api:material-decide", "post", statuses=UNSEEN | for_roles(409, R.MEDICAL), kwargs=in_review,
        data={"role": "medical", "decision": "agreed", "file_sha256": "0" * 64, "password": "x"}, **API),
    Row("api:content-api:material-release", "post", statuses=UNSEEN | for_roles(409, R.REGULATORY, R.COMPLIANCE),
        kwargs=approved, data={"expires_on": "2027-06-01"}, **API),
    Row("api:content-api:material-withdraw", "post", statuses=UNSEEN | for_roles(200, *REVIEWERS), kwargs=approved,
        data={"reason": "x"}, **API),
    Row("api:content-api:material-recall", "post", statuses=for_roles(200, R.REGULATORY, R.COMPLIANCE),
        kwargs=released, data={"reason": "x"}, **API),
]  # fmt: skip
