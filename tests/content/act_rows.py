"""Acts of content through pages and REST, each with what it needs."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.utils import timezone

from content import actions
from content.choices import SeatRole
from content.models import Annotation, ClaimLink
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.content.permission_rows import draft_of, in_review
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, proof_of

PRODUCT = {
    "name_zh": "伊维列净片", "generic_name": "伊维列净", "holder": "恒屿医药有限公司", "controlled_class": "none",
    "stage": "launch", "is_prescription": "on", "approval_number": "国药准字H20249999",
}  # fmt: skip
RIS = b"TY  - JOUR\nTI  - A trial\nAU  - Lin, A\nPY  - 2025\nDO  - 10.1000/acts.1\nER  - \n"


def now():
    return timezone.now()


def new_material(_author):
    return {}, {
        "title_zh": "肾功能分层用药手册",
        "kind": "detail_aid",
        "purpose": "academic",
        "product_ids": [str(make.product().pk)],
    }


def whole_draft(author):
    """A draft of the author's that may be submitted: claims, file, label."""
    product = make.product()
    make.label(product)
    claim = make.claim(product, author=author, approver=make.content_person(Role.MEDICAL))
    version = actions.create_material(
        title_zh="肾功能分层用药手册", kind="detail_aid", product_ids=[product.pk], by=author, at=now()
    )
    actions.use_claims(version_id=version.pk, claim_pages={claim.pk: 1}, by=author, at=now())
    actions.attach_file(
        version_id=version.pk, upload=ContentFile(make.pdf_bytes()), name="a.pdf", by=author, at=now()
    )
    for role in (Role.REGULATORY, Role.COMPLIANCE):
        make.content_person(role)
    return version


def submitted(author):
    version = whole_draft(author)
    actions.submit_version(version_id=version.pk, by=author, at=now())
    version.refresh_from_db()
    return version


def draft(author):
    return {"pk": whole_draft(author).pk}, {}


def fresh_file(author):
    content = make.pdf_bytes((*make.PAGE_TEXT, "第二版"))
    return {"pk": draft_of(author).pk}, {"file": ContentFile(content, name="b.pdf")}


def own_submitted(author):
    return {"pk": submitted(author).pk}, {}


def decision(reviewer):
    version = submitted(make.content_person(Role.MARKETING))
    reviewer.set_password(PASSWORD)
    reviewer.save()
    proof = proof_of(reviewer, now())
    return {"pk": version.pk}, {
        "role": "medical",
        "decision": "changes",
        "file_sha256": version.files.get(is_current=True).sha256,
        "reason": "补充样本量",
        "password": PASSWORD,
        "code": proof.code,
    }


def seat_for_a_colleague(reviewer):
    version = submitted(make.content_person(Role.MARKETING))
    colleague = make.content_person(Role.MEDICAL, "代岚")
    return {"pk": version.pk}, {"role": "medical", "to": str(colleague.pk)}


def approved(_officer):
    """A version that three reviewers signed, ready for release."""
    version = submitted(make.content_person(Role.MARKETING))
    sha256 = version.files.get(is_current=True).sha256
    for role in SeatRole.values:
        person = make.content_person(role)
        actions.decide_review(
            version_id=version.pk,
            role=role,
            decision="agreed",
            file_sha256=sha256,
            by=person,
            at=now(),
            proof=proof_of(person, now(), session_key=str(person.pk)),
        )
    return {"pk": version.pk}, {"expires_on": "2027-06-01"}


def resolved_note(_reviewer):
    version = make.MaterialVersion.objects.get(pk=in_review(None)["pk"])
    note = Annotation.objects.create(
        file=version.files.get(),
        number=1,
        kind="should",
        text="改",
        page=1,
        author=version.author,
        said_at=now(),
    )
    actions.resolve_annotation(annotation_id=note.pk, resolution="已改", by=version.author, at=now())
    return {"pk": note.pk}, {}


def new_product(_person):
    return {}, {"code": "P-ACT", **PRODUCT}


def changed_product(_person):
    return {"pk": make.product().pk}, {**PRODUCT, "name_zh": "伊维列净片（新名）"}


def new_label(_person):
    return {"pk": make.product().pk}, {"revised_on": "2026-11-01", "indications": "成人2型糖尿病"}


def new_reference(_person):
    return {}, {"title": "A trial", "kind": "trial", "evidence_level": "2", "doi": "10.1000/acts.2"}


def reference_file(_person):
    return {}, {"file": ContentFile(RIS, name="a.ris")}


def new_claim(_person):
    product = make.product()
    make.label(product)
    return {}, {"product_id": str(product.pk), "text_zh": "HbA1c 较基线的变化为 −0.78%（24 周，N=1204）。"}


def own_claim(author):
    return make.claim(make.product(), author=author)


def changed_claim(author):
    claim = own_claim(author)
    return {"pk": claim.pk}, {
        "product_id": str(claim.product_id),
        "text_zh": "HbA1c 较基线的变化为 −0.8%（24 周，N=1204）。",
    }


def bound_claim(author):
    return {"pk": own_claim(author).pk}, {"ground": f"anchor:{make.anchor(make.reference(), 'Table 9').pk}"}


def claim_to_approve(_approver):
    claim = own_claim(make.content_person(Role.MARKETING))
    actions.submit_claim(claim_id=claim.pk, by=claim.author, at=now())
    assert ClaimLink.objects.filter(claim=claim).exists()
    return {"pk": claim.pk}, {"reason": "补充来源"}


def own_claim_in_review(author):
    claim = own_claim(author)
    actions.submit_claim(claim_id=claim.pk, by=author, at=now())
    return {"pk": claim.pk}, {}


ACTS = [
    Act("content:material-create", Role.MARKETING, new_material),
    Act("content:version-attach", Role.MARKETING, fresh_file),
    Act("content:version-submit", Role.MARKETING, draft),
    Act("content:version-take-back", Role.MARKETING, own_submitted),
    Act("content:urge", Role.MARKETING, own_submitted),
    Act("content:version-release", Role.REGULATORY, approved),
    Act("content:annotation-reopen", Role.MEDICAL, resolved_note),
    Act("content:decide", Role.MEDICAL, decision),
    Act("content:hand-over", Role.MEDICAL, seat_for_a_colleague),
    Act("content:product-create", Role.REGULATORY, new_product),
    Act("content:product-change", Role.REGULATORY, changed_product),
    Act("content:label-create", Role.REGULATORY, new_label),
    Act("content:reference-create", Role.MEDICAL, new_reference),
    Act("content:reference-import", Role.MEDICAL, reference_file),
    Act("content:claim-create", Role.MARKETING, new_claim),
    Act("content:claim-change", Role.MARKETING, changed_claim),
    Act("content:claim-link", Role.MARKETING, bound_claim),
    Act("content:claim-approve", Role.MEDICAL, claim_to_approve),
    Act("content:claim-take-back", Role.MARKETING, own_claim_in_review),
    Act("content:claim-return", Role.MEDICAL, claim_to_approve),
    Act("api:content-api:material-submit", Role.MARKETING, draft),
    Act("api:content-api:material-take-back", Role.MARKETING, own_submitted),
    Act("api:content-api:material-decide", Role.MEDICAL, decision),
    Act("api:content-api:material-release", Role.REGULATORY, approved),
]
