from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from compliance import flows, points, subjects

from .facts import ClaimFacts, MaterialFacts, ShowFacts


class ContentConfig(AppConfig):
    name = "content"
    label = "content"

    def ready(self) -> None:
        from . import selectors  # models exist only from here on

        declare_points()
        for kind, (title, url) in selectors.SUBJECTS.items():
            hold = selectors.names_of_product if kind == "product" else None
            subjects.register(kind, title=title, url=url, hold=hold)
        subjects.register_dependants("content", selectors.resting_on)
        register_flows()
        subjects.register_opening("material_version", lambda user, key: bool(selectors.version_of(user, key)))


def register_flows() -> None:
    """Tell the approval engine what of content is put to it: seats of a review, claims, releases."""
    from compliance.actions import only_who

    from . import permissions
    from .actions import claim_approval, locking, releases, reviews
    from .selectors import asked, titles

    flows.register(
        locking.REVIEW,
        gettext_lazy("Review of a material"),
        heading=titles.review_heading,
        signed=True,
        meaning=reviews.MEANINGS["agree"],
        meanings=reviews.MEANINGS,
        verbs=("agree", "return", "refuse", "pass_on", "withdraw", "urge", "copy"),
        check=reviews.check_review_answer,
        hand=reviews.hand_seat,
        on_progress=reviews.note_seat,
        on_decided=lambda decision: reviews.carry_out_review(decision=decision),
        signs=reviews.review_signed,
        room=titles.review_room,
        put=reviews.put_reviews,
    )
    flows.register(
        locking.CLAIM,
        gettext_lazy("Claim about a product"),
        heading=asked.claim_heading,
        verbs=("agree", "return", "pass_on", "withdraw", "urge", "copy"),
        check=claim_approval.check_claim_approval,
        hand=only_who(permissions.can_approve_claim),
        on_decided=lambda decision: claim_approval.carry_out_claim_approval(decision=decision),
        lines=asked.claim_lines,
        put=claim_approval.put_claims,
    )
    flows.register(
        locking.RELEASE,
        gettext_lazy("Release of a material"),
        heading=asked.release_heading,
        verbs=("agree", "pass_on", "urge", "copy"),
        check=releases.check_release_answer,
        hand=releases.hand_release,
        on_decided=lambda decision: releases.carry_out_release(decision=decision),
        lines=asked.release_lines,
        room=asked.release_room,
        put=releases.put_releases,
    )


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("claim.approve", ClaimFacts, root="claim", kind="before")
    points.declare("material.submit", MaterialFacts, root="material", kind="before")
    points.declare("material.approve", MaterialFacts, root="material", kind="before")
    points.declare("material.release", MaterialFacts, root="material", kind="before")
    points.declare("material.show", ShowFacts, root="show", kind="before")
