"""What a material is judged by: on its way through review, and each time it is shown.

Days are ISO text, "" for none; a version is its UUID as text. `False` and `0` mean "not shown to be so": what nobody
proved is refused. `subjects` names all the act rests on, for holds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AudienceFacts:
    """One reader, by what the company knows of them. Not judged itself: it says for whom a material is asked.

    `products` are the codes the shower may speak about; empty = not asked. An unknown side is "".
    """

    tier: str = ""  # core, potential, basic
    roles: tuple[str, ...] = ()  # decision_maker, influencer, user
    department: str = ""
    hospital_level: str = ""
    products: tuple[str, ...] = ()
    channel: str = "face_to_face"


@dataclass(frozen=True)
class ClaimFacts:
    """A claim as it asks for approval. Point: claim.approve."""

    product_code: str = ""
    evidence_links: int = 0
    label_links: int = 0
    label_current: bool = False  # the label sections it points to are in force
    references_retracted: int = 0
    must_fix_open: int = 0
    author_is_reviewer: bool = False
    approved_on: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class MaterialFacts:
    """One version of a material. Points: material.submit, material.approve, material.release."""

    kind: str = ""  # detail_aid, deck, leave_behind, reprint, poster, article, video, email, wechat_article, qa, patient_education
    audience: str = "hcp"  # hcp, patient, public
    channels: tuple[
        str, ...
    ] = ()  # academic, professional, policy, patient; public: web, wechat_open, moments, video_channel, mass_media, poster, designated_journal
    product_codes: tuple[str, ...] = ()
    is_prescription: bool = False
    controlled_class: str = ""  # narcotic, psychotropic, toxic, radioactive, precursor, detox
    is_promotional: bool = True
    is_advertisement: bool = False
    is_disease_education: bool = False
    is_cme: bool = False
    ad_approval_number: str = ""
    ad_approval_ends_on: str = ""

    # what rests under it
    label_current: bool = False
    claims_unapproved: int = 0
    references_missing: int = 0  # statements without a reference
    figures_without_source: int = 0  # numbers, charts, quotations without a source
    evidence_unavailable: int = 0  # references without a file or link to give on request

    # what stands on it
    print_fields_missing: tuple[
        str, ...
    ] = ()  # product_name, generic_name, company, made_on, prescribing_summary
    shows_sponsor: bool = False
    shows_warnings: bool = False  # contraindications and adverse reactions
    shows_professional_notice: bool = False  # 仅供医学药学专业人士阅读
    public_link: bool = False  # an address or QR code anybody can open
    links_unreviewed: int = 0
    seller_links: int = 0
    product_terms: int = 0
    doctor_with_product: bool = False  # a doctor's, patient's or body's name or picture beside the product
    bundles_reprint: bool = False
    reviewed_as_promotion: bool = False

    # unresolved findings of the pre-check
    absolute_terms: int = 0
    efficacy_guarantees: int = 0
    safety_guarantees: int = 0
    rates_without_source: int = 0
    comparisons: int = 0
    endorsements: int = 0
    off_label: int = 0
    disparagements: int = 0
    before_after_pictures: int = 0

    # the review
    author_is_reviewer: bool = False
    reviewer_in_sales: bool = False
    same_person_twice: bool = False
    medical_signed: bool = False
    regulatory_signed: bool = False
    compliance_signed: bool = False
    must_fix_open: int = 0
    file_unchanged: bool = False  # the bytes are those that were signed
    act_on: str = ""  # the day of this act
    expires_on: str = ""
    months_valid: int = 0  # whole months from release to expiry, rounded up
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShowFacts:
    """One showing of one material version to somebody. Point: material.show."""

    shown_on: str = ""
    material: str = ""
    released: bool = False  # status is released on that day
    expired: bool = False
    label_current: bool = False
    audience_matches: bool = False
    channel: str = "face_to_face"  # face_to_face, video, event, portal, email, wecom, wechat_open, moments, video_channel, web
    product_codes: tuple[str, ...] = ()
    is_prescription: bool = False
    viewer_verified: bool = False  # a doctor whose identity is confirmed
    viewer_stopped: bool = False  # refused, withdrew or said never for this channel or these products
    bytes_match: bool = False  # SHA-256 as released
    lease_valid: bool = True  # a device's signed lease still runs
    shown_by_rep: bool = True  # False: the doctor's own page or a library
    rep_employed: bool = False
    rep_filed: bool = False
    products_outside_filing: tuple[str, ...] = ()
    products_outside_scope: tuple[str, ...] = ()
    training_missing: tuple[str, ...] = ()
    booking_required: bool = False  # the hospital where it is shown takes representatives by booking only
    booking_accepted: bool = False  # an accepted booking covers the moment, or the visit that is under way
    subjects: tuple[str, ...] = ()
