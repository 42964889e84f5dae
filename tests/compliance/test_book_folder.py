"""The whole book goes out as a folder and comes in again: equal, and never law by itself."""

import io
import zipfile
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import localtime

from compliance import actions as law
from compliance import selectors
from compliance.evaluate import RULEBOOK, point_shapes
from compliance.models import LedgerEntry, Parameter, RuleVersion
from compliance.rules.faults import BookError
from compliance.rules.folder import INDEX, book_of_files, files_of, files_of_zip, read_folder_texts, zip_of
from pharmacrm.accounts.choices import Role
from tests.compliance.test_rule_drafts import draft, sign
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


@pytest.fixture
def signers(person):
    return [person("second", Role.COMPLIANCE), person("third", Role.REGULATORY)]


@pytest.fixture
def changed_book(officer, signers, at):
    """The shipped edition with a new text of the meal rule, an ended rule and a changed figure."""
    law.adopt_book(by=officer, at=at - timedelta(days=30), adopt_policies=True)
    today = localtime(at).date()
    made = draft(at, officer)
    ended = law.retire_rule(
        version_id=RuleVersion.objects.get(rule="RD-12").pk,
        on=today + TOMORROW,
        reason="x",
        by=officer,
        at=at,
    )
    figure = law.draft_parameter(
        rule="SG-01", name="visits", value=3, valid_from=today, reason="x", by=officer, at=at
    )
    for minutes, signer in enumerate(signers):
        moment = at + timedelta(minutes=2 * minutes)
        sign(made, signer, moment)
        law.sign_rule(
            draft_id=ended.pk,
            proof=proof_of(signer, moment + timedelta(minutes=1)),
            by=signer,
            at=moment + timedelta(minutes=1),
        )
        law.sign_parameter(
            parameter_id=figure.pk,
            proof=proof_of(signer, moment + timedelta(seconds=90)),
            by=signer,
            at=moment + timedelta(seconds=90),
        )
    return selectors.live_book(at + timedelta(hours=1))


def same(one, other):
    texts = [
        [(rule.id, rule.valid_from, rule.valid_until, rule.body) for rule in book.rules]
        for book in (one, other)
    ]
    return texts[0] == texts[1] and set(one.parameters) == set(other.parameters)


def test_out_and_in_again_is_the_same_book(changed_book):
    files = files_of(changed_book)

    again = book_of_files(files_of_zip(zip_of(files)), point_shapes())

    assert same(changed_book, again)
    assert zip_of(files_of(again)) == zip_of(files)
    assert sum(1 for rule in again.rules if rule.id == "RD-01") == 2
    assert next(rule for rule in again.rules if rule.id == "RD-12").valid_until


def test_a_fresh_installation_takes_over_the_whole_book(officer, at, changed_book, tmp_path):
    with time_machine.travel(at + timedelta(hours=1)):
        call_command("export_book", str(tmp_path))
    with connection.cursor() as cursor:  # as an empty installation: nothing of the book stands
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        for table in (
            "compliance_rulepack_versions",
            "compliance_rulepack",
            "compliance_ruleversion",
            "compliance_parameter",
        ):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET LOCAL session_replication_role = 'origin'")

    law.adopt_book(book_of_files(read_folder_texts(tmp_path), point_shapes()), by=officer, at=at)

    assert same(selectors.live_book(at + TOMORROW), changed_book)


def test_taking_over_the_same_book_drafts_nothing(officer, at, changed_book):
    taken = law.import_book(
        files=files_of(changed_book),
        begin=localtime(at).date() + TOMORROW,
        reason="",
        by=officer,
        at=at + timedelta(hours=1),
    )

    assert (taken.drafts, taken.figures, taken.left, taken.missing) == ((), (), (), ())
    assert taken.same == len(changed_book.rules) + len(changed_book.parameters)


def test_every_difference_becomes_a_draft_from_a_coming_day(officer, at):
    law.adopt_book(by=officer, at=at - timedelta(days=30))
    begin = localtime(at).date() + timedelta(days=7)
    files = files_of(selectors.live_book(at))
    name = next(one for one in files if one.startswith("hospitality/rd-02"))
    files[name] = files[name].replace("不得安排", "一律不得安排")
    gone = next(one for one in files if one.startswith("research/sg-09-"))
    del files[gone]
    files[INDEX] = files[INDEX].replace(
        "figures: []",
        "figures:\n- {name: cap_fen, rule: RD-01, valid_from: '2020-01-01', valid_until: '', value: 20000}\n- {name: joy, rule: RD-01, valid_from: '2020-01-01', valid_until: '', value: 1}",
    )

    taken = law.import_book(files=files, begin=begin, reason="集团版", by=officer, at=at)

    (text,), (figure,), (left,) = taken.drafts, taken.figures, taken.left
    assert (text.rule, text.state, text.valid_from) == ("RD-02", "draft", begin)
    assert (figure.rule, figure.value, figure.valid_from, figure.state) == ("RD-01", 20000, begin, "draft")
    assert left.name == "RD-01 joy"
    assert taken.missing == ("SG-09",)
    assert LedgerEntry.objects.filter(event="compliance.book_imported").count() == 1
    again = law.import_book(files=files, begin=begin, reason="集团版", by=officer, at=at)
    assert Parameter.objects.count() == 1
    assert len(again.drafts) + len(again.figures) <= 1


def test_the_shipped_edition_has_no_difference_to_itself(officer, at):
    law.adopt_book(by=officer, at=at)

    taken = law.import_book(
        files=read_folder_texts(RULEBOOK), begin=date(2099, 1, 1), reason="", by=officer, at=at
    )

    assert (taken.drafts, taken.left) == ((), ())


def test_a_folder_with_a_fault_drafts_nothing(officer, at):
    files = files_of(selectors.live_book(at))
    name = next(one for one in files if one != INDEX)
    files[name] = files[name].replace("grade:", "great:")

    with pytest.raises(law.BookNotRead) as refusal:
        law.import_book(files=files, begin=date(2099, 1, 1), reason="x", by=officer, at=at)

    assert {fault.file for fault in refusal.value.faults} == {name}
    assert not RuleVersion.objects.exists()


def test_a_stranger_takes_over_nothing(rep, at):
    with pytest.raises(PermissionDenied):
        law.import_book(files={}, begin=date(2099, 1, 1), reason="x", by=rep, at=at)


def _zip(**members):
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return place.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 cut short",
        _zip(**{"../../etc/passwd": "x"}),
        _zip(**{"/visit/a.yaml": "x"}),
        _zip(**{"visit/a.py": "x"}),
        _zip(**{"visit/a.yaml": b"\xff\xfe"}),
        _zip(**{"visit/a.yaml": "x" * 200_000}),
        _zip(**{f"visit/a-{n}.yaml": "" for n in range(2001)}),
        _zip(**{"visit/a.yaml": "x"})[:-30],
    ],
    ids=["empty", "truncated", "climbs", "absolute", "not yaml", "not utf-8", "large", "many", "cut"],
)
def test_a_hostile_zip_is_refused_in_words(content):
    with pytest.raises(BookError):
        files_of_zip(content)


@pytest.mark.parametrize("text", ["[", "a: 1", "{pack: x, ends: [], figures: []}", "{pack: x, ends: {a: never}, figures: []}",
                                  "{pack: x, ends: {}, figures: [{rule: RD-01}]}", "{pack: x, ends: {}, figures: [1]}",
                                  "{pack: x, ends: {}, figures: [{rule: A, name: b, value: {a: 1}, valid_from: '2020-01-01'}]}"])  # fmt: skip
def test_a_faulty_index_is_a_fault(text):
    with pytest.raises(BookError) as refusal:
        book_of_files({INDEX: text}, point_shapes())

    assert any(fault.file == INDEX for fault in refusal.value.faults)


def test_the_book_goes_out_and_in_through_the_browser(client, officer, rep, at):
    law.adopt_book(by=officer, at=at - timedelta(days=400))
    client.force_login(officer, backend=settings.AUTHENTICATION_BACKENDS[-1])
    out = client.get("/compliance/rules/book.zip")
    files = files_of_zip(out.content)
    name = next(one for one in files if one.startswith("hospitality/rd-02"))
    files[name] = files[name].replace("不得安排", "一律不得安排")
    given = {"begin": "2099-01-01", "reason": "集团版"}

    page = client.post(
        "/compliance/rules/import/", {**given, "book": SimpleUploadedFile("b.zip", zip_of(files))}
    )
    bad = client.post(
        "/compliance/rules/import/", {**given, "book": SimpleUploadedFile("b.zip", b"PK nothing")}
    )
    shipped = client.post("/compliance/rules/import/", given)

    assert out["Content-Type"] == "application/zip"
    assert [one.rule for one in page.context["taken"].drafts] == ["RD-02"]
    assert bad.status_code == 400
    assert bad.context["faults"]
    assert shipped.context["taken"].left == ()
