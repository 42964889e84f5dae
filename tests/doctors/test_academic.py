"""Publications, guideline work and preferences: attached by a person, taken back with a reason, read by who may see."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, close_old_connections
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.models import (
    AuthorProposal,
    Authorship,
    GuidelineWork,
    HospitalAlias,
    Preference,
    Publication,
    TouchedDoctor,
)
from doctors.rules import authors as reasoning
from doctors.selectors.changes import proposed
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.doctors import make_department, make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db
PAPER = actions.Paper(
    "Morning blood pressure", "Heart Letters", date(2024, 3, 1), "month", "38000001", "10.1000/HL.1", 4
)
GUIDELINE = actions.Guideline("高血压防治指南", "高血压联盟", 2023, "expert")
XML = """<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>38000001</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2024</Year><Month>Mar</Month></PubDate></JournalIssue><Title>Heart Letters</Title>
</Journal><ArticleTitle>Morning blood pressure.</ArticleTitle><AuthorList>
<Author><LastName>Zhang</LastName><ForeName>Xiaoming</ForeName><AffiliationInfo><Affiliation>Department of Cardiology,
Lakeside First Hospital, Hangzhou. Electronic address: zhang@example.org.</Affiliation></AffiliationInfo></Author>
<Author><LastName>Li</LastName><ForeName>Na</ForeName></Author>
<Author><LastName>Smith</LastName><ForeName>J A</ForeName></Author></AuthorList></Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/hl.1</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
</PubmedArticleSet>"""


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def attach(doctor, steward, position=1, paper=PAPER, **fields):
    return actions.add_authored_paper(
        doctor_id=doctor.pk, paper=paper, position=position, ground="by-line", by=steward, at=AT, **fields
    )


def refused(rows=Authorship):
    return rows.objects.count(), LedgerEntry.objects.count()


def test_a_publication_links_several_doctors_and_is_kept_once(steward):
    first, second = make_doctor("张晓明"), make_doctor("李娜")

    one = attach(first, steward)
    two = attach(
        second,
        steward,
        2,
        actions.Paper("Other words", "HL", date(2024, 3, 1), doi="https://doi.org/10.1000/hl.1"),
    )

    assert one.publication_id == two.publication_id
    assert Publication.objects.get().doi == "10.1000/hl.1"
    assert [line.coauthors for line in selectors.academic_of(first.pk).papers] == [1]
    assert LedgerEntry.objects.filter(event="doctors.publication_kept").count() == 1
    entry = LedgerEntry.objects.get(event="doctors.author_attached", subject=f"doctor:{first.pk}")
    assert entry.reason == "by-line"
    assert set(TouchedDoctor.objects.values_list("doctor_id", flat=True)) == {first.pk, second.pk}


@pytest.mark.parametrize(
    ("position", "ground", "field"),
    [(1, "", "ground"), (5, "by-line", "position"), (2, "by-line", "position")],
)
def test_an_author_is_refused_without_ground_behind_the_last_place_and_on_a_place_taken(
    steward, position, ground, field
):
    attach(make_doctor("李娜"), steward, 2)
    before = refused()

    with pytest.raises(actions.PublicationNotSaved) as refusal:
        actions.attach_author(
            publication_id=Publication.objects.get().pk,
            doctor_id=make_doctor("张晓明").pk,
            position=position,
            ground=ground,
            by=steward,
            at=AT,
        )

    assert refusal.value.field == field
    assert refused() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"journal": ""},
        {"published_on": date(2027, 1, 1)},
        {"pmid": "PMC1"},
        {"doi": "doi 10"},
    ],
)
def test_a_publication_that_says_nothing_or_comes_from_the_future_is_not_kept(steward, wrong):
    paper = actions.Paper(**{**vars(PAPER), **wrong})

    with pytest.raises(actions.PublicationNotSaved):
        actions.keep_publication(paper=paper, by=steward, at=AT)

    assert not Publication.objects.exists()


def test_only_a_steward_writes_them(rep, steward):
    doctor = make_doctor("张晓明")
    held = attach(doctor, steward)
    calls = [
        lambda: attach(doctor, rep, 2),
        lambda: actions.detach_author(authorship_id=held.pk, reason="x", by=rep, at=AT),
        lambda: actions.correct_author(
            authorship_id=held.pk, position=2, is_corresponding=True, reason="x", by=rep, at=AT
        ),
        lambda: actions.correct_publication(publication_id=held.publication_id, reason="x", by=rep, at=AT),
        lambda: actions.add_guideline_work(doctor_id=doctor.pk, work=GUIDELINE, by=rep, at=AT),
        lambda: actions.set_preference(doctor_id=doctor.pk, channel="wecom", language="", by=rep, at=AT),
        lambda: actions.import_publications(content=XML.encode(), name="x", by=rep, at=AT),
    ]
    before = refused()

    for call in calls:
        with pytest.raises(PermissionDenied):
            call()

    assert refused() == before


def test_a_place_is_corrected_and_an_author_taken_back_only_with_a_reason(steward):
    doctor = make_doctor("张晓明")
    held = attach(doctor, steward)

    with pytest.raises(actions.PublicationNotSaved):
        actions.detach_author(authorship_id=held.pk, reason=" ", by=steward, at=AT)
    actions.correct_author(
        authorship_id=held.pk, position=3, is_corresponding=True, reason="misread", by=steward, at=AT
    )
    actions.detach_author(authorship_id=held.pk, reason="a namesake", by=steward, at=AT)
    with pytest.raises(actions.PublicationNotSaved):
        actions.detach_author(authorship_id=held.pk, reason="again", by=steward, at=AT)

    held.refresh_from_db()
    assert (held.position, held.ended_at, held.end_reason) == (3, AT, "a namesake")
    assert held.history.count() == 3
    assert selectors.academic_of(doctor.pk).papers == []
    assert attach(doctor, steward).pk != held.pk  # it may be attached again


def test_a_publication_is_corrected_with_a_reason_and_never_into_another_one(steward):
    one = attach(make_doctor("张晓明"), steward, 4).publication
    other = actions.keep_publication(
        paper=actions.Paper("Other", "HL", date(2023, 1, 1), pmid="7"), by=steward, at=AT
    )

    for changes in ({"pmid": "7"}, {"authors_total": 3}):
        with pytest.raises(actions.PublicationNotSaved):
            actions.correct_publication(publication_id=one.pk, reason="x", by=steward, at=AT, **changes)
    with pytest.raises(actions.PublicationNotSaved):
        actions.correct_publication(publication_id=one.pk, reason="", by=steward, at=AT, title="Y")
    actions.correct_publication(
        publication_id=one.pk, reason="retraction note", by=steward, at=AT, is_retracted=True
    )

    one.refresh_from_db()
    assert (one.is_retracted, one.pmid, other.pmid) == (True, "38000001", "7")


@pytest.mark.parametrize("fields", [{"position": 1}, {"position": 0}, {"position": 2, "same": True}])
def test_the_database_holds_one_place_for_one_doctor(steward, fields):
    held = attach(make_doctor("张晓明"), steward)
    doctor = held.doctor if fields.pop("same", False) else make_doctor("李娜")

    with pytest.raises(IntegrityError):
        Authorship.objects.create(publication=held.publication, doctor=doctor, attached_by=steward, **fields)


@pytest.mark.django_db(transaction=True)
def test_two_who_attach_different_doctors_to_one_place_at_once_attach_one(person):
    people = [person("a", Role.STEWARD), person("b", Role.STEWARD)]
    publication = actions.keep_publication(paper=PAPER, by=people[0], at=AT)
    doctors = [make_doctor("张晓明"), make_doctor("张小明")]
    barrier, answers = threading.Barrier(2), []

    def go(by, doctor):
        barrier.wait()
        try:
            actions.attach_author(
                publication_id=publication.pk, doctor_id=doctor.pk, position=1, ground="by-line", by=by, at=AT
            )
            answers.append("attached")
        except actions.PublicationNotSaved:
            answers.append("refused")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go, args=pair) for pair in zip(people, doctors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["attached", "refused"]
    assert Authorship.objects.count() == 1


def test_guideline_work_is_added_once_corrected_and_taken_back_with_reasons(steward):
    doctor = make_doctor("张晓明")
    work = actions.add_guideline_work(doctor_id=doctor.pk, work=GUIDELINE, by=steward, at=AT)

    for wrong in (
        GUIDELINE,
        actions.Guideline("", "x", 2020, "expert"),
        actions.Guideline("y", "x", 2027, "expert"),
        actions.Guideline("y", "x", 2020, "expert", source_url="javascript:alert(1)"),
    ):
        with pytest.raises(actions.GuidelineNotSaved):
            actions.add_guideline_work(doctor_id=doctor.pk, work=wrong, by=steward, at=AT)
    with pytest.raises(actions.GuidelineNotSaved):
        actions.end_guideline_work(work_id=work.pk, reason="", by=steward, at=AT)
    actions.correct_guideline_work(
        work_id=work.pk,
        work=actions.Guideline(GUIDELINE.title, GUIDELINE.issuer, 2023, "lead_author"),
        reason="title page",
        by=steward,
        at=AT,
    )
    assert [one.role for one in selectors.academic_of(doctor.pk).guidelines] == ["lead_author"]
    actions.end_guideline_work(work_id=work.pk, reason="a namesake", by=steward, at=AT)

    assert GuidelineWork.objects.get().end_reason == "a namesake"
    assert selectors.academic_of(doctor.pk).guidelines == []
    assert list(LedgerEntry.objects.filter(event__startswith="doctors.guideline").values_list("event", flat=True).order_by("pk")) == [
        "doctors.guideline_added", "doctors.guideline_corrected", "doctors.guideline_ended",
    ]  # fmt: skip


def test_a_preference_replaces_the_one_before_with_a_reason_and_is_one_at_a_time(steward):
    doctor = make_doctor("张晓明")
    actions.set_preference(doctor_id=doctor.pk, channel="wecom", language="en", by=steward, at=AT)

    for wrong in (
        {"channel": "", "language": ""},
        {"channel": "pigeon", "language": ""},
        {"channel": "sms", "language": ""},
    ):
        with pytest.raises(actions.PreferenceNotSaved):
            actions.set_preference(doctor_id=doctor.pk, by=steward, at=AT, **wrong)
    actions.set_preference(
        doctor_id=doctor.pk, channel="email", language="en", reason="said so", by=steward, at=AT
    )
    same = actions.set_preference(doctor_id=doctor.pk, channel="email", language="en", by=steward, at=AT)

    assert Preference.objects.filter(valid_until=None).get() == same
    assert Preference.objects.count() == 2
    actions.end_preference(preference_id=same.pk, reason="takes it back", by=steward, at=AT)
    assert selectors.preference_of(doctor.pk) is None
    with pytest.raises(actions.PreferenceNotSaved):
        actions.end_preference(preference_id=same.pk, reason="again", by=steward, at=AT)


def test_a_preference_orders_what_consent_allows_and_opens_nothing():
    assert selectors.channels_in_order("wecom", {"email", "wecom"}) == ["wecom", "email"]
    assert selectors.channels_in_order("wecom", {"email"}) == ["email"]
    assert selectors.channels_in_order("wecom", set()) == []


def test_a_pubmed_file_proposes_authors_with_reasons_and_attaches_nobody(steward):
    hospital = make_hospital("湖滨第一医院")
    HospitalAlias.objects.create(hospital=hospital, name="Lakeside First Hospital", kind="short")
    meant = make_doctor("张晓明", hospital=hospital, department=make_department(aliases=["Cardiology"]))
    namesake, third = make_doctor("章小明"), make_doctor("李娜")

    taken = actions.import_publications(content=XML.encode(), name="a.xml", by=steward, at=AT)
    again = actions.import_publications(content=XML.encode(), name="a.xml", by=steward, at=AT)

    assert (taken.new, taken.proposed, taken.left) == (1, 3, 0)
    assert (again.new, again.known, again.proposed) == (0, 1, 0)
    assert not Authorship.objects.exists()
    paper = Publication.objects.get()
    assert (paper.authors_total, paper.date_precision, paper.published_on) == (3, "month", date(2024, 3, 1))
    reasons = dict(AuthorProposal.objects.values_list("doctor_id", "reasons"))
    assert reasons == {
        meant.pk: ["sound", "hospital", "department"], namesake.pk: ["sound"], third.pk: ["sound"],
    }  # fmt: skip
    proposal = AuthorProposal.objects.get(doctor=meant)
    assert proposal.is_corresponding
    assert b"zhang@example.org" not in bytes(proposal.sealed)
    choice = selectors.academic.author_choices([proposal])[0]
    assert choice.name == "Zhang Xiaoming"
    assert "example.org" not in choice.affiliation


def test_a_name_alone_attaches_nobody_without_words_how_it_was_made_sure(steward):
    doctor = make_doctor("张晓明")
    actions.import_publications(content=XML.encode(), name="a.xml", by=steward, at=AT)
    proposal = AuthorProposal.objects.get(doctor=doctor)
    before = refused()

    with pytest.raises(actions.PublicationNotSaved):
        actions.decide_author(proposal_id=proposal.pk, accept=True, words=" ", by=steward, at=AT)
    assert refused() == before
    actions.decide_author(proposal_id=proposal.pk, accept=True, words="asked the doctor", by=steward, at=AT)
    with pytest.raises(actions.PublicationNotSaved):
        actions.decide_author(proposal_id=proposal.pk, accept=False, words="", by=steward, at=AT)

    assert [line.position for line in selectors.academic_of(doctor.pk).papers] == [1]


def test_a_common_name_proposes_nobody_unless_the_place_of_work_agrees(steward):
    for _number in range(reasoning.MOST_BY_NAME + 1):
        make_doctor("张晓明")

    actions.import_publications(content=XML.encode(), name="a.xml", by=steward, at=AT)

    assert not AuthorProposal.objects.exists()


@pytest.mark.parametrize(
    ("family", "given", "key"),
    [
        ("Zhang", "Xiaoming", "zhang xiao ming"),
        ("Zhang", "Xiao-Ming", "zhang xiao ming"),
        ("Xiaoming Zhang", "", "zhang xiao ming"),
        ("Ouyang", "Na", "ou yang na"),
        ("Lü", "Na", "lv na"),
        ("Smith", "John", "smith john"),
    ],
)
def test_a_name_in_letters_is_read_as_syllables(family, given, key):
    assert key in reasoning.sort_keys_of(family, given)


@pytest.mark.parametrize(
    ("family", "given"), [("Zhang", "XM"), ("Zhang", "X M"), ("张", "晓明"), ("Zhang", "")]
)
def test_initials_and_characters_are_not_read_as_sounds(family, given):
    assert not reasoning.sort_keys_of(family, given)


def test_a_representative_proposes_and_a_steward_takes_part_of_it(rep, steward, client):
    east = make_territory("EAST")
    put_into(rep, east)
    doctor = make_doctor("张晓明", territory=east)
    client.force_login(rep)

    answer = client.post(
        reverse("doctors:change-ask", args=[doctor.pk]),
        {
            "channel": "wecom", "language": "en", "publication_title": "Morning blood pressure",
            "publication_journal": "Heart Letters", "publication_day": "2024-03", "publication_position": 2,
            "guideline_title": "高血压防治指南", "guideline_issuer": "高血压联盟", "guideline_year": 2023,
            "guideline_role": "expert",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    request = doctor.change_requests.get()
    assert request.fields == ["channel", "guideline", "language", "publication"]
    shown = {line.field: line.value for line in proposed([request])[0].lines}
    assert shown["publication"].startswith("Morning blood pressure · Heart Letters · 2024-03 · 2")
    actions.decide_change(
        request_id=request.pk, accept=True, fields=["channel", "publication", "guideline"],
        reasons={"language": "not heard"}, by=steward, at=AT,
    )  # fmt: skip

    found = selectors.academic_of(doctor.pk)
    assert [(line.day, line.position) for line in found.papers] == [("2024-03", 2)]
    assert [work.title for work in found.guidelines] == ["高血压防治指南"]
    assert (found.preference.channel, found.preference.language) == ("wecom", "")


def test_half_a_publication_is_not_proposed(rep):
    east = make_territory("EAST")
    put_into(rep, east)
    doctor = make_doctor("张晓明", territory=east)

    with pytest.raises(actions.ChangeNotTaken):
        actions.ask_change(
            doctor_id=doctor.pk, wanted={"publication": '{"title": "x"}'}, note="", by=rep, at=AT
        )

    assert not doctor.change_requests.exists()


def test_the_pages_of_a_steward_add_correct_and_take_back(client, steward):
    doctor = make_doctor("张晓明", hospital=make_hospital())
    client.force_login(steward)
    page = reverse("doctors:academic", args=[doctor.pk])
    add = reverse("doctors:academic-add", args=[doctor.pk, "publication"])
    typed = {
        "title": "Morning blood pressure",
        "journal": "Heart Letters",
        "day": "2024-03",
        "position": 1,
        "ground": "by-line",
    }

    assert client.post(add, {**typed, "day": "March"}).status_code == 400
    assert client.post(add, {**typed, "day": "2031"}).status_code == 400
    assert client.post(add, typed).status_code == 302
    held = Authorship.objects.get()
    move = reverse("doctors:academic-move", args=[doctor.pk, "publication", held.pk, "end"])
    assert "Morning blood pressure" in client.get(page).content.decode()
    assert client.post(move, {"reason": ""}).status_code == 400
    assert client.post(move, {"reason": "a namesake"}).status_code == 302
    assert client.post(reverse("doctors:academic-add", args=[doctor.pk, "gift"])).status_code == 404
    assert "Morning blood pressure" not in client.get(page).content.decode()


def test_a_stranger_reads_nothing_of_a_doctor_elsewhere(client, rep):
    doctor = make_doctor("张晓明", territory=make_territory("FAR"))
    client.force_login(rep)

    assert client.get(reverse("doctors:academic", args=[doctor.pk])).status_code == 404
    assert client.get(reverse("doctors:publication-list")).status_code == 403


def test_a_file_that_is_none_is_answered_in_words(client, steward):
    client.force_login(steward)

    answer = client.post(
        reverse("doctors:publication-list"), {"file": SimpleUploadedFile("a.xml", b"\x00\x01")}
    )

    assert answer.status_code == 400
    assert not Publication.objects.exists()


def test_erasing_a_doctor_takes_them_out_of_every_by_line(steward, officer):
    doctor = make_doctor("张晓明")
    attach(doctor, steward)
    actions.add_guideline_work(doctor_id=doctor.pk, work=GUIDELINE, by=steward, at=AT)
    actions.set_preference(doctor_id=doctor.pk, channel="wecom", language="", by=steward, at=AT)

    erasure = actions.erase_doctor(doctor.pk, by=officer, at=AT, request_id=None, reason="asked")

    assert erasure.removed["works"] == 3
    assert not Authorship.objects.filter(ended_at=None).exists()
    assert selectors.academic_of(doctor.pk).preference is None


@pytest.mark.parametrize(
    ("language", "subject"), [("", "验证码 / Your code"), ("en", "Your code"), ("zh-hans", "验证码")]
)
def test_a_code_is_sent_in_the_language_the_doctor_prefers(steward, rep, mailoutbox, language, subject):
    east = make_territory("EAST")
    put_into(rep, east)
    doctor = make_doctor("张晓明", territory=east)
    actions.add_contact(doctor_id=doctor.pk, kind="email", value="zhang@example.com", by=steward, at=AT)
    if language:
        actions.set_preference(doctor_id=doctor.pk, channel="", language=language, by=steward, at=AT)
    link = actions.make_link(doctor_id=doctor.pk, by=rep, at=AT)
    actions.send_code(link_id=link.pk, channel="email", at=AT)

    assert actions.deliver_code(link_id=link.pk, at=AT)

    assert mailoutbox[0].subject == subject
