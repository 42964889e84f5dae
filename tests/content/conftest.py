"""A small company around one product, and the steps of a review."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile

from content import actions
from content.choices import SeatRole
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories import content as make
from tests.factories.compliance import proof_of


@dataclass
class Desk:
    """The people and rows the review tests share."""

    author: Any
    medical: Any
    regulatory: Any
    compliance: Any
    product: Any
    claim: Any

    def person(self, role: str) -> Any:
        return getattr(self, role)

    def draft(self, content: bytes = b"", at=AT, **sides: Any) -> Any:
        version = actions.create_material(
            title_zh="肾功能分层用药手册",
            kind="detail_aid",
            product_ids=[self.product.pk],
            by=self.author,
            at=at,
            **sides,
        )
        actions.use_claims(version_id=version.pk, claim_pages={self.claim.pk: 1}, by=self.author, at=at)
        self.attach(version, content, at=at)
        version.refresh_from_db()
        return version

    def attach(self, version: Any, content: bytes = b"", at=AT) -> Any:
        return actions.attach_file(
            version_id=version.pk,
            upload=ContentFile(content or make.pdf_bytes()),
            name="手册.pdf",
            by=self.author,
            at=at,
        )

    def submitted(self, at=AT, **sides: Any) -> Any:
        version = self.draft(at=at, **sides)
        actions.submit_version(version_id=version.pk, by=self.author, at=at)
        version.refresh_from_db()
        return version

    def decide(self, version: Any, role: str, decision: str = "agreed", at=AT, **more: Any) -> Any:
        person = more.pop("by", None) or self.person(role)
        return actions.decide_review(
            version_id=version.pk,
            role=role,
            decision=decision,
            file_sha256=more.pop("sha256", version.files.get(is_current=True).sha256),
            by=person,
            at=at,
            proof=more.pop("proof", None) or proof_of(person, at, session_key=f"{person.pk}-{version.pk}"),
            **more,
        )

    def approved(self, at=AT, **sides: Any) -> Any:
        version = self.submitted(at=at, **sides)
        for role in SeatRole.values:
            self.decide(version, role, at=at)
        version.refresh_from_db()
        return version


@pytest.fixture
def desk(person):
    author = person("su", Role.MARKETING, name="苏怡")
    medical = person("he", Role.MEDICAL, name="何若水")
    product = make.product("YVL")
    make.label(product)
    return Desk(
        author=author,
        medical=medical,
        regulatory=person("qin", Role.REGULATORY, name="秦越"),
        compliance=person("zhou", Role.COMPLIANCE, name="周正"),
        product=product,
        claim=make.claim(product, author=author, approver=medical),
    )
