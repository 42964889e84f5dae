"""Who may open and write publications, guideline work, preferences and meanings of levels, and one real change by each door."""

from django.core.files.base import ContentFile
from django.utils import timezone

from doctors import actions
from doctors.models import AuthorProposal
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.doctors.master_rows import API, SEE_ALL, far_doctor, own_doctor
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_hospital

GUIDELINE = {
    "title": "高血压防治指南",
    "issuer": "高血压联盟",
    "year": 2023,
    "role": "expert",
    "level": "national",
}
PAPER = {
    "title": "Blood pressure in the morning",
    "journal": "Heart Letters",
    "position": 2,
    "ground": "by-line",
}
SEAT = {"organisation": "云溪市医学会心血管病学分会", "role": "member", "level": "city"}
WHY = {"reason": "belongs to a namesake"}
MOVES = {
    "guideline-correct": ("guideline", {**GUIDELINE, "year": 2024, **WHY}),
    "guideline-end": ("guideline", WHY),
    "post-correct": ("post", {**SEAT, "role": "chair", **WHY}),
    "post-end": ("post", WHY),
    "preference-end": ("preference", WHY),
    "publication-correct": ("publication", {"position": 3, **WHY}),
    "publication-end": ("publication", WHY),
}
STEWARD = for_roles(302, Role.STEWARD)
LEVEL = {"said": "省级", "level": "3"}
RIS = "TY  - JOUR\nAU  - 张晓明\nTI  - 清晨血压的观察\nJO  - 心脏杂志\nPY  - 2024\nER  - \n"


def _steward():
    return content_person(Role.STEWARD, "石磊")


def kind_of_doctor(kind):
    return lambda user: {**own_doctor(user), "kind": kind}


def guideline_of_doctor(user):
    doctor = own_doctor(user)["pk"]
    work = actions.add_guideline_work(
        doctor_id=doctor, work=actions.Guideline(**GUIDELINE), by=_steward(), at=timezone.now()
    )
    return {"pk": doctor, "kind": "guideline", "row_pk": work.pk, "verb": "end"}


def row_of(kind):
    """A row of a doctor in sight, as the address of an act on it."""

    def made(user):
        doctor, by, at = own_doctor(user)["pk"], _steward(), timezone.now()
        if kind == "guideline":
            row = actions.add_guideline_work(
                doctor_id=doctor, work=actions.Guideline(**GUIDELINE), by=by, at=at
            )
        elif kind == "post":
            row = actions.add_academic_post(doctor_id=doctor, seat=actions.Seat(**SEAT), by=by, at=at)
        elif kind == "preference":
            row = actions.set_preference(doctor_id=doctor, channel="email", language="", by=by, at=at)
        else:
            paper = actions.Paper(PAPER["title"], PAPER["journal"], timezone.localdate())
            row = actions.add_authored_paper(
                doctor_id=doctor, paper=paper, position=2, ground="by-line", by=by, at=at
            )
        return {"pk": doctor, "row": row.pk}

    return made


def of_a_person(kind, said):
    return lambda person: (row_of(kind)(person), said)


def publication(_user=None):
    paper = actions.Paper("Blood pressure", "Heart Letters", timezone.localdate())
    return {"pk": actions.keep_publication(paper=paper, by=_steward(), at=timezone.now()).pk}


def by_line(_user=None):
    make_doctor("张晓明", hospital=make_hospital())
    actions.import_publications(content=RIS.encode(), name="x.ris", by=_steward(), at=timezone.now())
    return {"pk": AuthorProposal.objects.get().pk}


ACADEMIC_ROWS = [
    Row("doctors:academic", kwargs=own_doctor, others=200),
    Row("doctors:academic", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404),
    Row("doctors:academic-add", "post", kwargs=kind_of_doctor("guideline"), statuses=STEWARD, data=GUIDELINE),
    Row("doctors:academic-move", "post", kwargs=guideline_of_doctor, statuses=STEWARD, data={"reason": "x"}),
    Row("doctors:publication-list", statuses=for_roles(200, Role.STEWARD)),
    Row("doctors:publication-list", "post", statuses=for_roles(400, Role.STEWARD)),
    Row("doctors:publication-detail", kwargs=publication, statuses=for_roles(200, Role.STEWARD)),
    Row("doctors:publication-detail", "post", kwargs=publication, statuses=for_roles(400, Role.STEWARD)),
    Row("doctors:author-decide", "post", kwargs=by_line, statuses=STEWARD, data={"accept": "no"}),
    Row("doctors:level-queue", statuses=for_roles(200, Role.STEWARD)),
    Row("doctors:level-queue", "post", statuses=STEWARD, data=LEVEL),
    Row("api:doctors-api:level-list", statuses=for_roles(200, Role.STEWARD), **API),
    Row("api:doctors-api:level-list", "post", statuses=for_roles(200, Role.STEWARD), data=LEVEL, **API),
    Row("api:doctors-api:academic", kwargs=own_doctor, others=200, **API),
    Row("api:doctors-api:academic", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404, **API),
    Row("api:doctors-api:guideline-add", "post", kwargs=own_doctor, statuses=for_roles(201, Role.STEWARD), data=GUIDELINE, **API),
    Row("api:doctors-api:post-add", "post", kwargs=own_doctor, statuses=for_roles(201, Role.STEWARD), data=SEAT, **API),
    *(
        Row(f"api:doctors-api:{name}", "post", kwargs=row_of(kind), statuses=for_roles(200, Role.STEWARD), data=said, **API)
        for name, (kind, said) in MOVES.items()
    ),
    Row("api:doctors-api:citations-import", "post", statuses=for_roles(400, Role.STEWARD), data={}, **API),
    Row("api:doctors-api:preference-set", "post", kwargs=own_doctor, statuses=for_roles(201, Role.STEWARD), data={"language": "en"}, **API),
    Row("api:doctors-api:publication-add", "post", kwargs=own_doctor, statuses=for_roles(201, Role.STEWARD), data={**PAPER, "published_on": "2024-03-15"}, **API),
]  # fmt: skip


def moved(person):
    kwargs = guideline_of_doctor(person)
    return kwargs, {"reason": "belongs to a namesake"}


ACADEMIC_ACTS = [
    Act("doctors:level-queue", Role.STEWARD, lambda _person: ({}, LEVEL)),
    Act("api:doctors-api:level-list", Role.STEWARD, lambda _person: ({}, LEVEL)),
    Act("doctors:academic-add", Role.STEWARD, lambda _person: ({"pk": make_doctor().pk, "kind": "preference"}, {"channel": "wecom", "source": "self_stated"})),
    Act("doctors:academic-move", Role.STEWARD, moved),
    Act("doctors:publication-list", Role.STEWARD, lambda _person: ({}, {"file": ContentFile(RIS.encode(), name="x.ris")})),
    Act("api:doctors-api:citations-import", Role.STEWARD, lambda _person: ({}, {"file": ContentFile(RIS.encode(), name="x.ris")})),
    Act("doctors:publication-detail", Role.STEWARD, lambda _person: (publication(), {"title": "Blood pressure at night", "journal": "Heart Letters", "day": "2024", "reason": "misread"})),
    Act("doctors:author-decide", Role.STEWARD, lambda _person: (by_line(), {"accept": "no"})),
    Act("api:doctors-api:guideline-add", Role.STEWARD, lambda _person: ({"pk": make_doctor().pk}, GUIDELINE)),
    Act("api:doctors-api:post-add", Role.STEWARD, lambda _person: ({"pk": make_doctor().pk}, SEAT)),
    *(
        Act(f"api:doctors-api:{name}", Role.STEWARD, of_a_person(kind, said))
        for name, (kind, said) in MOVES.items()
    ),
    Act("api:doctors-api:preference-set", Role.STEWARD, lambda _person: ({"pk": make_doctor().pk}, {"language": "en"})),
    Act("api:doctors-api:publication-add", Role.STEWARD, lambda _person: ({"pk": make_doctor().pk}, {**PAPER, "published_on": "2024-03-15"})),
]  # fmt: skip
