"""What each act of field work is judged by: the contract of its decision point.

Days are ISO text, "" for none; a person or a thing is its UUID as text; money is whole fen. `False` and `0` mean
"not shown to be so": what nobody proved is refused. `subjects` names all the act rests on, for holds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VisitFacts:
    """One visit. Points: visit.plan and visit.start (before the act), visit.submit (after it)."""

    visit_on: str = ""  # the day of the visit
    channel: str = "face_to_face"  # face_to_face, phone, video, wecom, email, sms
    purpose: str = "deliver_information"  # one of choices: plan_promotion, deliver_information, rational_use, collect_feedback
    is_group: bool = False

    # the representative (compliance.selectors.standing_of)
    rep_employed: bool = False
    rep_contract: str = "employment"  # employment, authorisation, cso
    rep_filed: bool = False  # a 备案 holds on visit_on
    rep_filing_ends_on: str = ""
    rep_change_open_days: int = 0  # days since a change of filed data that is not yet filed
    rep_commitment_signed: bool = False
    rep_bribery_found: bool = False  # a check found a record of commercial bribery
    rep_bribery_check_overdue: bool = False
    rep_registered_at_hospital: bool = False
    products: tuple[str, ...] = ()  # product codes to be spoken of
    products_outside_filing: tuple[str, ...] = ()
    products_outside_scope: tuple[str, ...] = ()  # not assigned to this representative by the company
    training_missing: tuple[str, ...] = ()  # course codes
    mah_approved: bool = False  # the MAH approved this act of a contractor

    # the institution
    consent_required: bool = True  # False only for talks outside any institution's rule, such as by phone
    institution_consents: bool = False  # a consent covers hospital, day, person and products
    booking_required: bool = False
    booking_accepted: bool = False
    has_reception_slots: bool = False
    within_reception_slot: bool = False
    place: str = ""  # code of the place, such as reception_room, outpatient, ward
    place_permitted: bool = True
    hospital_registers_reps: bool = False
    lead_days_required: int = 0
    lead_days_given: int = 0
    documents_missing: tuple[str, ...] = ()  # what the hospital wants to see and has not

    # the doctors (UUIDs), most of several where a number stands
    doctors: tuple[str, ...] = ()
    doctors_outside_territory: tuple[str, ...] = ()
    doctors_never_contact: tuple[str, ...] = ()
    doctors_without_channel_consent: tuple[str, ...] = ()
    doctors_stopped: tuple[
        str, ...
    ] = ()  # refused or withdrew academic contact on this channel or these products
    visits_last_30_days: int = 0  # the most visited doctor's, this visit not counted

    # the materials (version UUIDs)
    materials: tuple[str, ...] = ()
    materials_unreleased: tuple[str, ...] = ()
    materials_expired: tuple[str, ...] = ()
    materials_audience_mismatch: tuple[str, ...] = ()
    materials_label_outdated: tuple[str, ...] = ()

    # safety
    safety_answered: bool = False  # the mandatory adverse-event question
    safety_event: bool = False  # answered yes
    safety_report_linked: bool = False

    # the record
    minutes_to_save: int = 0  # visit end to saved on the device
    late_reason_given: bool = False
    synced_late: bool = False  # arrived later than it was saved; never held against the author
    times_unproven: bool = False  # the device's clock was off
    duration_minutes: int = 0
    note_flags: tuple[str, ...] = ()  # categories of compliance.rules.scan_text
    off_label_question: bool = False
    off_label_referred: bool = False  # handed to Medical Information
    location_kept: bool = False
    location_consent: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageFacts:
    """One message to one doctor or group. Point: message.send."""

    sent_on: str = ""
    channel: str = ""  # email, sms, wecom, wecom_group, wechat_open, moments, video_channel, poster, web
    rep_employed: bool = False
    rep_filed: bool = False
    products: tuple[str, ...] = ()
    products_outside_filing: tuple[str, ...] = ()
    training_missing: tuple[str, ...] = ()
    carries_product_content: bool = False
    product_is_rx: bool = False
    recipient_verified: bool = False  # the doctor behind the address is confirmed
    consent_given: bool = False  # for this channel and purpose
    never_contact: bool = False
    opted_out: bool = False
    asked_again_days: int = -1  # days since this person last refused; -1: never refused or not a request
    is_consent_request: bool = False
    has_opt_out: bool = False
    shows_sender: bool = False
    forwardable: bool = False  # may be passed on to a public feed
    sends_last_30_days: int = 0
    materials: tuple[str, ...] = ()
    materials_unreleased: tuple[str, ...] = ()
    materials_expired: tuple[str, ...] = ()
    materials_audience_mismatch: tuple[str, ...] = ()
    text_flags: tuple[str, ...] = ()  # categories of compliance.rules.scan_text
    profiling_refused: bool = False
    is_automatic_push: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventFacts:
    """One academic event. Points: event.request, event.approve, event.invite, event.start, event.close."""

    kind: str = ""  # department_meeting, case_discussion, salon, city, regional, national, satellite, ad_board, live, cme …
    starts_on: str = ""
    title: str = ""
    title_rx_names: tuple[str, ...] = ()  # prescription names or their trademarks found in the title
    organiser_employed: bool = False
    organiser_filed: bool = False
    products: tuple[str, ...] = ()
    products_outside_filing: tuple[str, ...] = ()
    training_missing: tuple[str, ...] = ()
    need_stated: bool = False
    in_institution: bool = False  # held inside a hospital
    institution_consents: bool = False
    is_overseas: bool = False  # outside mainland China, Hong Kong, Macao and Taiwan included
    out_of_city_share_bp: int = 0  # invited from another city, basis points
    venue_class: str = ""  # hospital, business_hotel, conference_centre, restaurant, resort, hot_spring, spa, golf, ski, casino, cruise, bar
    entertainment: bool = False
    gifts_planned: bool = False
    items: tuple[str, ...] = ()  # things handed out: pen, notepad …
    items_carry_product: bool = False
    guests_named: int = 0  # spouses or other non-professionals on the list
    meal_fen_per_head: int = 0
    people_planned: int = 0
    people_present: int = 0
    agenda_minutes: int = 0
    discussion_minutes: int = 0
    science_minutes: int = 0
    repeats_topic_within_12_months: bool = False
    repeat_reason_given: bool = False
    speakers: tuple[str, ...] = ()
    speakers_unverified: tuple[str, ...] = ()  # selection not verified outside sales
    attendees_chosen_by_sales: bool = False  # the company names the delegates it pays for
    direct_support: bool = False
    hospital_permits_support: bool = False
    sponsor_shown: bool = False
    company_controls_programme: bool = False
    materials: tuple[str, ...] = ()
    materials_unreleased: tuple[str, ...] = ()
    materials_expired: tuple[str, ...] = ()
    approver_is_requester: bool = False
    approver_in_sales: bool = False
    plan_changed_after_approval: bool = False
    proof_missing: tuple[
        str, ...
    ] = ()  # need, agenda, deck, sign_in, photo, cost_lines, summary, sponsor_photo …
    duplicate_proof: tuple[str, ...] = ()  # proofs already used by another event
    attendance_share_bp: int = 0  # present of planned, basis points
    safety_answered: bool = False
    photos_published: bool = False
    photo_consents: bool = False
    doctors_stopped: tuple[str, ...] = ()  # of those to be invited: refused, withdrew or said never
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class SignInFacts:
    """One doctor signed in at an event. Point: event.sign_in."""

    event_on: str = ""
    doctor: str = ""
    at_the_door: bool = False  # by the doctor, from the code at the place; else copied from the paper sheet
    products: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExpenseFacts:
    """One cost line. Point: expense.submit."""

    kind: str = ""  # meal, venue, room, taxi, train, flight, print, tea, insurance, internet, item, entertainment, laundry, bar, film, phone, gift, cash
    spent_on: str = ""
    cost_fen: int = 0
    people_present: int = 0
    people_named: int = 0
    country: str = "CN"  # where the event takes place
    purpose_stated: bool = False
    receipt_attached: bool = False
    receipt_used_before: bool = False
    split_suspected: bool = False  # another bill of the same place and evening
    guests_named: int = 0
    item: str = ""  # for kind item: pen, notepad …
    item_carries_product: bool = False
    festival_words: tuple[str, ...] = ()  # 月饼, 红包 … found in the description
    payee_kind: str = ""  # vendor, hospital, society, department, person, shop_staff
    approver_is_payer: bool = False
    venue_class: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpeakerFacts:
    """One choice of a speaker, and the invitation to speak. Points: speaker.verify, speaker.invite."""

    event_on: str = ""
    inviter_kind: str = (
        ""  # company, state_body, public_institution, hospital, research_institute, university, society
    )
    fee_payer: str = ""  # "" without a fee; company, host
    fee_fen: int = 0
    host_standard_fen: int = 0  # the host's own published limit; 0: none on file
    contract_signed: bool = False
    hospital_approved: bool = False
    selection_verified: bool = False  # against criteria, outside sales
    selected_by_sales: bool = False
    audience_total: int = 0
    audience_same_department: int = 0
    talks_this_year: int = 0
    talks_cap: int = 0  # 0: the company has set none
    fees_this_year_fen: int = 0
    fees_cap_fen: int = 0
    services_this_year: int = 0
    services_cap: int = 0
    repeats_topic_within_12_months: bool = False
    repeat_reason_given: bool = False
    topic_names_product: bool = False
    tied_to_use: bool = False  # any clause that ties the talk to buying or prescribing
    deck_released: bool = False
    automatic_choice: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class PaymentFacts:
    """One payment for an engagement. Point: engagement.pay."""

    service: str = (
        ""  # consulting, ad_board, lecture, survey, study, writing, sponsorship, donation, grant, vendor
    )
    paid_on: str = ""
    payee_kind: str = ""  # person, department, hospital, society, university, vendor, shop_staff
    payee_is_legal_person: bool = False
    amount_fen: int = 0
    account_is_payees: bool = False
    is_cash: bool = False
    need_on: str = ""  # days on which each step was done
    selected_on: str = ""
    contract_on: str = ""
    delivered_on: str = ""
    accepted_on: str = ""
    proof_missing: tuple[str, ...] = ()
    selection_verified: bool = False
    payer_is_approver: bool = False
    payer_is_requester: bool = False
    year_to_date_fen: int = 0
    yearly_cap_fen: int = 0  # 0: the company has set none
    ethics_approval: str = ""
    study_registration: str = ""
    per_case_fee: bool = False
    vendor_checked: bool = False
    vendor_contract_ends_on: str = ""
    near_duplicate_deliverable: bool = False
    account_consent: bool = False  # separate consent for the bank account
    discussion_minutes: int = 0
    agenda_minutes: int = 0
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class SponsorshipFacts:
    """One request to sponsor or give. Point: sponsorship.request."""

    kind: str = ""  # sponsorship, donation, grant
    payee_kind: str = ""  # hospital, society, foundation, university, department, person
    payee_is_legal_person: bool = False
    organisation_code: str = ""
    agreement_attached: bool = False
    recipient_accepted: bool = False  # in writing, after its own assessment
    purpose: str = ""  # training, academic, research, facility, patient_aid, staff_welfare …
    tied_to_purchase: bool = False
    asks_for_data: bool = False
    names_beneficiaries: bool = False
    sees_delegates_before: bool = False
    benefits_listed: bool = False
    sponsor_shown: bool = False
    overseas: bool = False
    company_controls_programme: bool = False
    product_assets_attached: bool = False
    amount_fen: int = 0
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class SafetyFacts:
    """One suspected adverse event, handed to pharmacovigilance. Point: safety.handoff, after the act."""

    aware_on: str = ""
    minutes_to_handoff: int = 0  # the representative's awareness to the hand-off
    is_serious: bool = False
    is_fatal: bool = False
    has_patient: bool = False
    has_reporter: bool = False
    has_product: bool = False
    has_event: bool = False
    original_kept: bool = False
    rep_judged_causality: bool = False
    rep_gave_advice: bool = False
    identity_in_note: bool = False  # patient identity outside the vault
    clock_moved: bool = False
    clock_reason_given: bool = False
    subjects: tuple[str, ...] = ()
