"""What an act about a doctor's record is judged by.

Days are ISO text, "" for none; a person is a UUID as text. `False` and `0` mean "not shown to be so": what nobody
proved is refused. `subjects` names all the act rests on, for holds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContactFacts:
    """Reading a doctor's full contact data. Point: contact.reveal."""

    kind: str = ""  # mobile, phone, email, wecom
    purpose: str = ""  # the words given; "" for none
    in_territory: bool = False
    consent_given: bool = False  # for this channel, or no consent needed
    never_contact: bool = False
    legal_basis: str = ""  # consent, contract, legal_duty, public_source; "" for none on file
    reveals_today: int = 0
    is_bulk: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentFacts:
    """Recording a doctor's answer on consent. Point: consent.record."""

    answer: str = ""  # given, refused, withdrawn, never
    recorded_on: str = ""
    channel: str = ""
    purpose: str = ""
    notice_version: str = ""  # version of the text that was shown; "" for none
    notice_current: bool = False
    notice_names_controller: bool = False  # who, contact, purpose, method, types, time kept, rights
    covers_sensitive: bool = False  # bank account, identity number, face, location …
    separate: bool = False  # asked on its own
    proof_attached: bool = False
    bundled_with_service: bool = False  # refused service for refusing
    never_before: bool = False  # this person said "never"
    renews_never: bool = False
    refused_days_ago: int = -1  # -1: never refused
    asked_by_company: bool = True  # False: the doctor came by themselves
    shares_with_third_party: bool = False
    recipient_named: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoreFacts:
    """Scoring one doctor with a model version. Point: doctor.score."""

    profiling_refused: bool = False
    model_live: bool = False
    impact_assessment: str = ""  # number of the PIA; "" for none
    assessed_on: str = ""
    explains_itself: bool = False  # each feature's contribution is kept
    uses_sensitive: bool = False
    uses_usage_counts: bool = False
    decides_alone: bool = False  # a major effect without a person
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverrideFacts:
    """Setting a doctor's tier by hand. Point: override.tier."""

    reason: str = ""
    approver_is_requester: bool = False
    approver_in_line: bool = False  # in the requester's reporting line
    has_approver: bool = False
    until: str = ""
    asked_on: str = ""
    months_valid: int = 0
    reason_flags: tuple[str, ...] = ()  # categories of compliance.rules.scan_text
    profiling_refused: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class RealignmentFacts:
    """Moving doctors between territories. Point: territory.realign."""

    doctors_moving: int = 0
    effective_on: str = ""
    days_ahead: int = 0
    has_approver: bool = False
    approver_is_author: bool = False
    subjects: tuple[str, ...] = ()  # every territory that gives or takes


@dataclass(frozen=True)
class MergeFacts:
    """Letting one record stand for another. Point: doctor.merge."""

    reason: str = ""
    alone: bool = False  # above the upper line, nobody decided
    is_undo: bool = False
    refused_profiling: bool = False  # either of them
    never_contact: bool = False  # either of them said never, somewhere
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestFacts:
    """Answering what a doctor asks about their own data. Point: request.answer."""

    kind: str = ""  # access, copy, portability, correct, erase, explain, restrict, refuse_profiling
    granted: bool = False
    has_reason: bool = False
    identity_confirmed: bool = False
    days_open: int = 0
    working_days_open: int = 0
    second_person: bool = False  # a second person agrees; only an erasure asks for one
    subjects: tuple[str, ...] = ()
