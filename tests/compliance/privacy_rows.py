"""Who may open what of the register of impact assessments and of the exports."""

from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.compliance import make_assessment

WRITE = (Role.COMPLIANCE, Role.STEWARD, Role.MARKETING, Role.MEDICAL)
READ = (*WRITE, Role.INSPECTOR, Role.ADMINISTRATOR, Role.REGULATORY)
EXPORTS = (Role.COMPLIANCE, Role.INSPECTOR, Role.STEWARD)
WORDS = {
    "title": "评分", "kind": "profiling", "lawful_basis": "x", "data_used": "x", "necessity": "x", "risks": "x",
    "measures": "x", "risk_left": "low",
}  # fmt: skip
RECIPIENT = {"name": "HQ", "region": "CH", "route": "none"}


def approved(_user):
    return {"pk": make_assessment().pk}


def drafted(_user):
    draft = make_assessment(state="draft", approved_by=None, approved_on=None, review_on=None)
    draft.review_on = None
    draft.save()
    return {"pk": draft.pk, "verb": "approve"}


def of_oneself(user):
    return {
        "pk": make_assessment(
            "PIA-2026-007", state="draft", approved_by=None, approved_on=None, author=user
        ).pk
    }


ROWS = [
    Row("compliance:assessment-list", statuses=for_roles(200, *READ)),
    Row("compliance:assessment-new", statuses=for_roles(200, *WRITE)),
    Row("compliance:assessment-new", "post", data=WORDS, statuses=for_roles(302, *WRITE)),
    Row("compliance:assessment-detail", kwargs=approved, statuses=for_roles(200, *READ)),
    Row("compliance:assessment-file", kwargs=approved, statuses=for_roles(404, *READ)),
    Row("compliance:assessment-move", "post", kwargs=lambda _user: {**approved(None), "verb": "retire"},
        statuses=for_roles(302, Role.COMPLIANCE)),
    Row("compliance:assessment-edit", kwargs=of_oneself, statuses=for_roles(200, *WRITE)),
    Row("compliance:assessment-edit", "post", kwargs=of_oneself, data=WORDS, statuses=for_roles(302, *WRITE)),
    Row("compliance:export-list", statuses=for_roles(200, *EXPORTS)),
    Row("compliance:export-list", "post", data=RECIPIENT, statuses=for_roles(302, Role.COMPLIANCE)),
]  # fmt: skip
ACTS = [
    Act("compliance:assessment-new", Role.COMPLIANCE, lambda _person: ({}, WORDS)),
    Act("compliance:assessment-edit", Role.COMPLIANCE, lambda person: (of_oneself(person), WORDS)),
    Act(
        "compliance:assessment-move",
        Role.COMPLIANCE,
        lambda person: (drafted(person), {"review_on": "2027-11-01"}),
    ),
    Act("compliance:export-list", Role.COMPLIANCE, lambda _person: ({}, RECIPIENT)),
]
