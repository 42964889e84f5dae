"""References: formats, duplicates, notices; claims and labels that rest on each other."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from compliance.models import LedgerEntry
from content import actions, selectors
from content.actions import ClaimNotApproved, ClaimNotSaved, FileNotRead, LabelNotSaved, ReferenceNotSaved
from content.facts import AudienceFacts
from content.models import Anchor, Claim, Label, Reference
from pharmacrm.common.models import Notification
from tests.content.conftest import AT
from tests.factories import content as make

XML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">40000001</PMID><Article>
<Journal><JournalIssue><Volume>12</Volume><Issue>3</Issue><PubDate><Year>2025</Year></PubDate></JournalIssue><Title>Journal of Diabetes</Title></Journal>
<ArticleTitle>Ivigliflozin in <i>type 2</i> diabetes.</ArticleTitle><Pagination><MedlinePgn>201-10</MedlinePgn></Pagination>
<Abstract><AbstractText Label="METHODS">We randomised 1,204 patients.</AbstractText><AbstractText Label="RESULTS">HbA1c fell.</AbstractText></Abstract>
<AuthorList><Author><LastName>Lin</LastName><Initials>A</Initials></Author><Author><CollectiveName>YV-301 Group</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType UI="D016449">Randomized Controlled Trial</PublicationType></PublicationTypeList>
</Article>{notice}</MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">40000001</ArticleId><ArticleId IdType="doi">10.1000/JD.2025.12</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
</PubmedArticleSet>"""
RETRACTION = (
    '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Diab. 2026;13:1'
    "</RefSource></CommentsCorrections></CommentsCorrectionsList>"
)
RIS = """TY  - JOUR
TI  - 中国2型糖尿病防治指南
AU  - 王某
AU  - 李某
JO  - 中华糖尿病杂志
PY  - 2024
VL  - 16
SP  - 1
EP  - 90
DO  - https://doi.org/10.1000/GUIDE.2024
ER  -
TY  - JOUR
TI  - Second
ER  -
"""
CSV = "PMID,Title,Authors,Journal/Book,Publication Year,DOI\n40000001,Ivigliflozin in type 2 diabetes,Lin A,J Diab,2025,10.1000/jd.2025.12\n,只有题名,,,,\n"


def taken(content, name="a", by=None, desk=None):
    return actions.import_references(
        content=content.encode() if isinstance(content, str) else content,
        name=name,
        by=by or desk.author,
        at=AT,
    )


@pytest.mark.django_db
def test_pubmed_xml_becomes_a_reference_with_its_evidence(desk):
    (line,) = taken(XML.format(notice=""), desk=desk)

    row = Reference.objects.get(pmid="40000001")
    assert (line.outcome, line.reference_id) == ("created", row.pk)
    assert row.title == "Ivigliflozin in type 2 diabetes"
    assert (row.journal, row.year, row.volume, row.issue, row.pages) == (
        "Journal of Diabetes",
        2025,
        "12",
        "3",
        "201-10",
    )
    assert row.authors == "Lin A; YV-301 Group"
    assert (row.kind, row.evidence_level, row.sample_size) == ("trial", "2", 1204)
    assert row.doi == "10.1000/jd.2025.12"
    assert row.abstract.startswith("METHODS: We randomised")
    assert LedgerEntry.objects.filter(event="content.reference_imported").count() == 1


@pytest.mark.django_db
def test_a_publication_is_kept_once_whatever_the_format(desk):
    taken(XML.format(notice=""), desk=desk)

    lines = taken(CSV, desk=desk)

    assert [line.outcome for line in lines] == ["known", "created"]
    assert Reference.objects.filter(doi="10.1000/jd.2025.12").count() == 1


@pytest.mark.django_db
def test_ris_is_read_with_guideline_and_doi(desk):
    first, second = taken(RIS, desk=desk)

    guide = Reference.objects.get(pk=first.reference_id)
    assert (guide.kind, guide.doi, guide.pages, guide.year) == (
        "guideline",
        "10.1000/guide.2024",
        "1-90",
        2024,
    )
    assert Reference.objects.get(pk=second.reference_id).title == "Second"


@pytest.mark.django_db
def test_gb18030_and_bom_are_read(desk):
    lines = taken("题名,作者\n中国专家共识,王某\n".encode("gb18030"), desk=desk)
    more = taken("\ufeff题名,作者\n真实世界研究,李某\n".encode(), desk=desk)

    assert Reference.objects.get(pk=lines[0].reference_id).kind == "consensus"
    assert Reference.objects.get(pk=more[0].reference_id).kind == "real_world"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4 nothing",
        b"<html><body>no</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><PubmedArticleSet>&x;</PubmedArticleSet>',
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        b"<PubmedArticleSet><PubmedArticle>",
        b"author,year\nx,2020\n",
    ],
)
def test_what_is_no_citation_file_is_refused_and_nothing_is_kept(desk, content):
    before = Reference.objects.count()

    with pytest.raises(FileNotRead):
        taken(content, desk=desk)

    assert Reference.objects.count() == before


@pytest.mark.django_db
def test_a_retraction_reopens_claims_and_raises_the_alarm(desk):
    taken(XML.format(notice=""), desk=desk)
    row = Reference.objects.get(pmid="40000001")
    place = actions.add_anchor(reference_id=row.pk, name="Table 2", by=desk.author, at=AT)
    claim = make.claim(desk.product, author=desk.author, approver=desk.medical)
    claim.links.create(anchor=place)
    shown = make.released_material(desk.product, claims=(claim,))

    (line,) = taken(XML.format(notice=RETRACTION), desk=desk)

    claim.refresh_from_db()
    row.refresh_from_db()
    assert (line.outcome, row.standing) == ("alarmed", "retracted")
    assert "J Diab. 2026" in row.standing_note
    assert claim.status == "re_review"
    for person in (desk.medical, desk.compliance):
        words = Notification.objects.get(recipient=person, kind="reference_retracted").text
        assert "1 份" in words["zh-hans"]
    assert list(selectors.materials_rest_on(f"reference:{row.pk}")) == [shown]


@pytest.mark.django_db
def test_a_record_already_retracted_is_imported_as_such(desk):
    (line,) = taken(XML.format(notice=RETRACTION), desk=desk)

    assert (line.outcome, line.standing) == ("created", "retracted")


@pytest.mark.django_db
def test_a_stranger_may_not_import_or_enter(desk, rep):
    with pytest.raises(PermissionDenied):
        taken(RIS, by=rep)
    with pytest.raises(PermissionDenied):
        actions.create_reference(title="x", by=rep, at=AT)


@pytest.mark.django_db
def test_a_reference_is_entered_once(desk):
    actions.create_reference(title="A", doi="https://doi.org/10.1000/X.1", by=desk.author, at=AT)

    with pytest.raises(ReferenceNotSaved) as no:
        actions.create_reference(title="B", doi="10.1000/x.1", by=desk.author, at=AT)

    assert no.value.field == "doi"
    assert Reference.objects.filter(doi="10.1000/x.1").count() == 1


def written(desk, text="HbA1c 较基线降低 0.78%"):
    return actions.write_claim(product_id=desk.product.pk, text_zh=text, by=desk.author, at=AT)


@pytest.mark.django_db
def test_a_claim_is_written_bound_submitted_and_approved_by_another(desk):
    claim = written(desk)
    place = make.anchor(make.reference())
    actions.link_claim(claim_id=claim.pk, anchor_id=place.pk, by=desk.author, at=AT)
    actions.submit_claim(claim_id=claim.pk, by=desk.author, at=AT)

    approved = actions.approve_claim(claim_id=claim.pk, by=desk.medical, at=AT)

    assert (approved.status, approved.approver) == ("approved", desk.medical)
    assert len(approved.content_sha256) == 64
    assert claim.code.startswith("C-")


@pytest.mark.django_db
def test_a_claim_without_ground_is_not_submitted(desk):
    claim = written(desk)

    with pytest.raises(ClaimNotSaved):
        actions.submit_claim(claim_id=claim.pk, by=desk.author, at=AT)

    claim.refresh_from_db()
    assert claim.status == "draft"


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["own", "words", "retracted", "old_label", "off_label"])
def test_a_claim_is_not_approved(desk, fault):
    texts = {"words": "本品安全可靠", "off_label": "用于治疗高血压"}
    claim = written(desk, texts.get(fault, "HbA1c 较基线降低 0.78%"))
    standing = "retracted" if fault == "retracted" else "sound"
    place = make.anchor(make.reference(standing=standing))
    actions.link_claim(claim_id=claim.pk, anchor_id=place.pk, by=desk.author, at=AT)
    if fault == "old_label":
        section = desk.product.labels.get().sections.first()
        actions.link_claim(claim_id=claim.pk, section_id=section.pk, by=desk.author, at=AT)
        Label.objects.filter(product=desk.product).update(status="superseded")
    actions.submit_claim(claim_id=claim.pk, by=desk.author, at=AT)
    by = desk.medical
    if fault == "own":
        Claim.objects.filter(pk=claim.pk).update(author=desk.medical)

    with pytest.raises(ClaimNotApproved):
        actions.approve_claim(claim_id=claim.pk, by=by, at=AT)

    claim.refresh_from_db()
    assert claim.status == "in_review"


@pytest.mark.django_db
def test_another_products_label_is_no_ground(desk):
    claim = written(desk)
    foreign = make.label(make.product()).sections.first()

    with pytest.raises(ClaimNotSaved):
        actions.link_claim(claim_id=claim.pk, section_id=foreign.pk, by=desk.author, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["change", "retire"])
def test_changing_or_retiring_a_claim_stops_what_uses_it(desk, verb):
    shown = make.released_material(desk.product, claims=(desk.claim,))
    other = make.released_material(desk.product)

    if verb == "change":
        actions.change_claim(claim_id=desk.claim.pk, text_zh="新说法", by=desk.author, at=AT)
    else:
        actions.retire_claim(claim_id=desk.claim.pk, reason="旧", by=desk.medical, at=AT)

    shown.refresh_from_db()
    other.refresh_from_db()
    assert (shown.status, other.status) == ("withdrawn", "released")
    assert desk.claim.code in shown.ended_reason


@pytest.mark.django_db
def test_a_new_label_stops_what_rests_on_the_old_one(desk):
    shown = make.released_material(desk.product, claims=(desk.claim,))
    on_its_way = desk.submitted()
    foreign = make.released_material()
    label = actions.draft_label(
        product_id=desk.product.pk,
        revised_on=date(2026, 11, 1),
        sections={str(kind): text for kind, text in make.LABEL_TEXTS.items()},
        by=desk.regulatory,
        at=AT,
    )

    actions.activate_label(label_id=label.pk, reason="适应症修订", by=desk.regulatory, at=AT)

    for row in (shown, on_its_way, foreign, desk.claim):
        row.refresh_from_db()
    assert shown.status == on_its_way.status == "withdrawn"
    assert foreign.status == "released"
    assert desk.claim.status == "re_review"
    assert [one.status for one in desk.product.labels.order_by("version")] == ["superseded", "effective"]
    assert selectors.released_materials_for(AudienceFacts(products=(desk.product.code,)), AT) == []


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["sections", "reason", "twice"])
def test_a_label_does_not_come_into_force(desk, fault):
    texts = {str(kind): text for kind, text in make.LABEL_TEXTS.items()}
    if fault == "sections":
        texts.pop("contraindications")
    label = actions.draft_label(
        product_id=desk.product.pk, revised_on=date(2026, 11, 1), sections=texts, by=desk.regulatory, at=AT
    )
    if fault == "twice":
        actions.activate_label(label_id=label.pk, reason="x", by=desk.regulatory, at=AT)

    with pytest.raises(LabelNotSaved):
        actions.activate_label(
            label_id=label.pk, reason="" if fault == "reason" else "x", by=desk.regulatory, at=AT
        )


@pytest.mark.django_db
def test_marketing_may_not_put_a_label_in_force(desk):
    label = make.label(desk.product, version=2, status="draft")

    with pytest.raises(PermissionDenied):
        actions.activate_label(label_id=label.pk, reason="x", by=desk.author, at=AT)

    label.refresh_from_db()
    assert label.status == "draft"
    assert Anchor.objects.count() >= 1
