"""The pages, as a browser without JavaScript uses them."""

import io
import time

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from content.forms import MaterialForm
from content.models import Claim, MaterialVersion, Product, Reference, ReviewRound, ReviewSeat
from pharmacrm.common.models import StoredFile
from tests.content.conftest import AT
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, give_totp, totp_code
from tests.factories.doctors import make_department

NBIB = """PMID- 31234567
TI  - Ivigliflozin once daily in type 2 diabetes: a randomised trial.
AU  - Lin A
AU  - Zhao B
JT  - Journal of Diabetes
DP  - 2025 Mar
PT  - Randomized Controlled Trial
LID - 10.1000/jd.2025.1 [doi]
AB  - We enrolled 1,204 patients.
"""


@pytest.fixture
def enter(client):
    def sign_in(user):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return sign_in


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(AT, tick=True)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_marketing_takes_a_material_to_review_by_forms_alone(enter, desk, person):
    browser = enter(desk.author)
    browser.post(
        reverse("content:reference-import"), {"file": SimpleUploadedFile("pubmed.nbib", NBIB.encode())}
    )
    reference = Reference.objects.get(pmid="31234567")
    browser.post(reverse("content:anchor-create", args=[reference.pk]), {"name": "Table 2"})
    browser.post(
        reverse("content:claim-create"),
        {"product_id": desk.product.pk, "text_zh": "HbA1c 较安慰剂多降 0.68%", "topics": "降糖幅度"},
    )
    claim = Claim.objects.get(text_zh__startswith="HbA1c 较安慰剂")
    anchor = reference.anchors.get()
    browser.post(reverse("content:claim-link", args=[claim.pk]), {"ground": f"anchor:{anchor.pk}"})
    browser.post(reverse("content:claim-submit", args=[claim.pk]))
    enter(desk.medical).post(reverse("content:claim-approve", args=[claim.pk]))
    browser = enter(desk.author)
    browser.post(
        reverse("content:material-create"),
        {"title_zh": "手册", "kind": "detail_aid", "purpose": "academic", "product_ids": [desk.product.pk]},
    )
    version = MaterialVersion.objects.get()
    browser.post(
        reverse("content:version-attach", args=[version.pk]),
        {"file": SimpleUploadedFile("a.pdf", make.pdf_bytes())},
    )
    browser.post(reverse("content:version-claims", args=[version.pk]), {"claims": [claim.pk]})

    answer = browser.post(reverse("content:version-submit", args=[version.pk]), follow=True)

    version.refresh_from_db()
    claim.refresh_from_db()
    assert claim.status == "approved"
    assert version.status == "in_review", answer.content.decode()
    assert "审核中" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_reviewer_annotates_signs_and_a_release_follows(enter, desk):
    version = desk.submitted()
    file = version.files.get()
    page = enter(desk.regulatory).get(reverse("content:review", args=[version.pk]), {"pick": "1"})
    enter(desk.regulatory).post(
        reverse("content:annotation-create", args=[version.pk]),
        {"kind": "must", "text": "补写 N", "page": 1, "region": "0.1,0.1,0.5,0.2"},
    )
    note = file.annotations.get()
    blocked = enter(desk.medical).get(reverse("content:review", args=[version.pk]))
    enter(desk.regulatory).post(reverse("content:annotation-resolve", args=[note.pk]))
    for person in (desk.medical, desk.regulatory, desk.compliance):
        give_totp(person)
        browser = enter(person)
        form = browser.get(reverse("content:decide", args=[version.pk]), {"decision": "agreed"})
        assert file.sha256 in form.content.decode()
        browser.post(
            reverse("content:decide", args=[version.pk]),
            form.context["form"].initial | {"password": PASSWORD, "code": totp_code(person, AT)},
        )
    enter(desk.regulatory).post(
        reverse("content:version-release", args=[version.pk]), {"expires_on": "2027-11-01"}
    )

    version.refresh_from_db()
    assert "舒泽安" in page.content.decode()
    assert "disabled" in blocked.content.decode()
    assert (note.left, note.right) == (0.1, 0.5)
    assert version.status == "released"
    assert version.approval_number.startswith("HY-2026-")


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_wrong_password_stays_on_the_form_and_signs_nothing(enter, desk):
    version = desk.submitted()
    give_totp(desk.medical)
    browser = enter(desk.medical)
    form = browser.get(reverse("content:decide", args=[version.pk]))

    answer = browser.post(
        reverse("content:decide", args=[version.pk]),
        form.context["form"].initial | {"password": "wrong", "code": totp_code(desk.medical, AT)},
    )

    assert answer.status_code == 200
    assert answer.context["form"].errors["password"]
    assert not ReviewSeat.objects.filter(decision="agreed").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_speaks_one_language(enter, desk, language):
    version = desk.submitted()
    shown = make.released_material(desk.product, claims=(desk.claim,))
    desk.compliance.language = language
    desk.compliance.save()
    reference = Reference.objects.first()
    browser = enter(desk.compliance)

    for name, key in (
        ("material-list", None),
        ("product-list", None),
        ("claim-list", None),
        ("reference-list", None),
        ("review-list", None),
        ("product-detail", desk.product.pk),
        ("label-detail", desk.product.labels.get().pk),
        ("claim-detail", desk.claim.pk),
        ("reference-detail", reference.pk),
        ("material-detail", shown.material_id),
        ("version-detail", shown.pk),
        ("version-release", shown.pk),
        ("review", version.pk),
        ("decide", version.pk),
        ("material-show", shown.pk),
    ):
        page = browser.get(reverse(f"content:{name}", args=[key] if key else []))
        assert page.status_code == 200, name
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in page.content.decode(), name


@pytest.mark.django_db
def test_a_rep_sees_released_materials_only_and_no_file(enter, rep, desk):
    hidden = desk.submitted()
    shown = make.released_material(desk.product)
    browser = enter(rep)

    page = browser.get(reverse("content:material-list")).content.decode()

    assert shown.material.code in page
    assert hidden.material.code not in page
    assert browser.get(reverse("content:version-detail", args=[hidden.pk])).status_code == 404
    assert browser.get(reverse("content:version-file", args=[shown.pk])).status_code == 404


@pytest.mark.django_db
def test_the_reader_shows_the_approval_number_and_pictures(enter, rep):
    shown = make.released_material()
    browser = enter(rep)

    page = browser.get(reverse("content:material-show", args=[shown.material_id])).content.decode()
    picture = browser.get(reverse("content:page-picture", args=[shown.pk, 1, 720]))

    assert shown.approval_number in page
    assert picture["Content-Type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP"
    assert browser.get(reverse("content:page-picture", args=[shown.pk, 2, 720])).status_code == 404
    assert browser.get(reverse("content:page-picture", args=[shown.pk, 1, 777])).status_code == 404


@pytest.mark.django_db
def test_the_editor_lints_what_is_typed(enter, desk):
    page = enter(desk.author).post(
        reverse("content:claim-lint"),
        {"product_id": desk.product.pk, "text_zh": "本品安全可靠，也可用于减肥"},
    )

    text = page.content.decode()
    assert "AD-07" in text
    assert "AD-09" in text


@pytest.mark.django_db
def test_the_library_exports_what_is_seen(enter, desk):
    make.released_material(desk.product, code="M-0007", title_zh="=1+1")
    make.released_material(desk.product, code="M-0008", kind="poster")

    answer = enter(desk.author).get(
        reverse("content:material-list"), {"kind": "detail_aid", "export": "xlsx"}
    )

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["M-0007"]
    assert rows[1][1] == "=1+1"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"q": "手册"}, {"M-0001"}),
        ({"status": "released"}, {"M-0001", "M-0002"}),
        ({"kind": "poster"}, {"M-0002"}),
        ({"expires": "past"}, set()),
        ({"expires": "soon"}, set()),
    ],
)
def test_the_library_filters(enter, desk, query, codes):
    make.released_material(desk.product, code="M-0001", title_zh="用药手册")
    make.released_material(desk.product, code="M-0002", title_zh="海报", kind="poster")

    page = enter(desk.author).get(reverse("content:material-list"), query)

    assert {row.material.code for row in page.context["page"].rows} == codes


@pytest.mark.django_db
def test_a_long_library_costs_the_same(enter, desk, django_assert_max_num_queries):
    make.released_material(desk.product)
    browser = enter(desk.author)
    with django_assert_max_num_queries(40) as for_one:
        browser.get(reverse("content:material-list"))
    for _ in range(4):
        make.released_material(desk.product)

    with django_assert_max_num_queries(len(for_one)):
        browser.get(reverse("content:material-list"))


@pytest.mark.django_db
def test_a_product_and_its_label_are_entered_by_forms(enter, desk):
    browser = enter(desk.regulatory)
    browser.post(
        reverse("content:product-create"),
        {
            "code": "NEW",
            "name_zh": "新药片",
            "generic_name": "新药",
            "approval_number": "国药准字H20250001",
            "holder": "恒屿医药有限公司",
            "is_prescription": "on",
            "controlled_class": "none",
            "stage": "launch",
        },
    )
    product = Product.objects.get(code="NEW")
    browser.post(
        reverse("content:label-create", args=[product.pk]),
        {"revised_on": "2026-10-01", **{str(kind): text for kind, text in make.LABEL_TEXTS.items()}},
    )
    label = product.labels.get()
    browser.post(reverse("content:label-activate", args=[label.pk]), {"reason": "首次批准"})

    label.refresh_from_db()
    assert label.status == "effective"


@pytest.mark.django_db
def test_a_bad_approval_number_is_told_at_its_field(enter, desk):
    page = enter(desk.regulatory).post(
        reverse("content:product-create"),
        {
            "code": "BAD",
            "name_zh": "坏",
            "generic_name": "坏",
            "approval_number": "H1",
            "holder": "x",
            "controlled_class": "none",
            "stage": "launch",
        },
    )

    assert page.context["form"].errors["approval_number"]
    assert not Product.objects.filter(code="BAD").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_departments_are_chosen_from_the_standard_list(enter, desk):
    make_department("心血管内科专业", code="03.04", aliases=["心内科", "心脏内科"])
    make_department("内分泌专业", code="03.07")
    browser = enter(desk.author)
    given = {
        "title_zh": "手册",
        "kind": "detail_aid",
        "purpose": "academic",
        "product_ids": [desk.product.pk],
    }

    form = browser.get(reverse("content:material-create")).content.decode()
    typed = browser.post(reverse("content:material-create"), {**given, "departments": ["心内科"]})
    refused = MaterialVersion.objects.count()
    browser.post(reverse("content:material-create"), {**given, "departments": ["心血管内科专业"]})

    assert 'data-words="心血管内科专业 03.04 心内科 心脏内科"' in form
    assert (refused, "心内科" in typed.content.decode()) == (0, True)
    assert MaterialVersion.objects.get().material.departments == ["心血管内科专业"]


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_department_from_before_the_list_is_kept_and_shown_as_unmatched(enter, desk):
    make_department("心血管内科专业", code="03.04")
    version = make.released_material(desk.product, departments=["心内科", "心血管内科专业"])

    page = (
        enter(desk.author)
        .get(reverse("content:material-detail", args=[version.material_id]))
        .content.decode()
    )
    form = MaterialForm(initial={"departments": version.material.departments})

    assert page.count("不在标准科目表内") == 1
    assert "心内科 <span" in page
    assert [value for value, _label in form.fields["departments"].choices] == ["心内科", "心血管内科专业"]
    assert str(form["departments"]).count("checked") == 2


def ten_thousand_pages() -> bytes:
    """A sound PDF of 10,000 pages that is small: a tree of 100 nodes of 100 pages, each page an object of its own."""
    kids = [f"{3 + node} 0 R" for node in range(100)]
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count 10000/Kids[{' '.join(kids)}]>>".encode(),
    ]
    for node in range(100):
        pages = " ".join(f"{103 + node * 100 + n} 0 R" for n in range(100))
        bodies.append(f"<</Type/Pages/Parent 2 0 R/Count 100/MediaBox[0 0 200 200]/Kids[{pages}]>>".encode())
    bodies += [f"<</Type/Page/Parent {3 + n // 100} 0 R>>".encode() for n in range(10_000)]
    out, places = [b"%PDF-1.4\n"], []
    size = len(out[0])
    for number, body in enumerate(bodies, 1):
        places.append(size)
        out.append(b"%d 0 obj%sendobj\n" % (number, body))
        size += len(out[-1])
    lines = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(bodies) + 1
    out.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, lines))
    out.append(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, size))
    return b"".join(out)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "500 页"), ("en", "more than 500 pages")])
def test_a_document_of_ten_thousand_pages_is_answered_on_the_page(enter, desk, language, words):
    desk.author.language = language
    desk.author.save()
    browser = enter(desk.author)
    browser.post(
        reverse("content:material-create"),
        {"title_zh": "手册", "kind": "detail_aid", "purpose": "academic", "product_ids": [desk.product.pk]},
    )
    version, began = MaterialVersion.objects.get(), time.monotonic()

    answer = browser.post(
        reverse("content:version-attach", args=[version.pk]),
        {"file": SimpleUploadedFile("万页.pdf", ten_thousand_pages())},
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert time.monotonic() - began < 10  # a fresh interpreter looks at it; on an idle machine one second
    assert not version.files.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("open", "审核中"), ("changes", "未作决定"), ("void", "未作决定"), ("recalled", "未作决定")],
)
def test_a_seat_nobody_took_is_in_review_only_while_its_round_is_open(outcome, words):
    seat = ReviewSeat(decision="waiting", round=ReviewRound(outcome=outcome))

    with translation.override("zh-hans"):
        shown = render_to_string("content/seat_state.html", {"seat": seat})

    assert words in shown
    assert shown.count('class="state') == 1
