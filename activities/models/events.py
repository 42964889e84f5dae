"""Academic events 学术活动: what is planned, who approved it, who came, and the proof."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from activities.choices import (
    AttendanceMethod,
    BudgetKind,
    EventKind,
    EventState,
    ExpenseKind,
    FeePayer,
    InvitationState,
    InviterKind,
    ProofKind,
    SessionKind,
    SpeakerState,
    VenueClass,
)
from doctors.choices import Channel as ContactChannel
from pharmacrm.common.models import Governed

USER = settings.AUTH_USER_MODEL


class Event(Governed):
    """One academic event: need, plan, approvals, invitations, sign-in, proof, settlement."""

    State = EventState

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=24, choices=EventKind)
    title = models.CharField(max_length=120)
    need = models.TextField(blank=True, default="", help_text="The clinical or educational need it answers.")
    topic = models.CharField(max_length=120, blank=True, default="")
    products = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    state = models.CharField(max_length=12, choices=EventState, default=EventState.DRAFT)
    organiser = models.ForeignKey(USER, models.PROTECT, related_name="+")
    territory = models.ForeignKey("accounts.Territory", models.PROTECT, null=True, related_name="+")
    hospital = models.ForeignKey("doctors.Hospital", models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey("doctors.Department", models.PROTECT, null=True, related_name="+")
    consent = models.ForeignKey("activities.InstitutionConsent", models.PROTECT, null=True, related_name="+")
    venue = models.CharField(max_length=120, blank=True, default="")
    venue_class = models.CharField(max_length=20, choices=VenueClass, default=VenueClass.HOSPITAL)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    people_planned = models.PositiveSmallIntegerField(default=0)
    meal_fen_per_head = models.PositiveIntegerField(default=0)
    sponsor_shown = models.BooleanField(default=False)
    entertainment = models.BooleanField(default=False)
    repeat_reason = models.CharField(max_length=200, blank=True, default="")
    summary = models.TextField(blank=True, default="")
    safety_answered = models.BooleanField(default=False)
    requested_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_terms = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of what was approved."
    )
    started_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="")
    sign_in_key = models.BinaryField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["territory", "-starts_at"], name="event_territory_starts_idx"),
            models.Index(fields=["organiser", "-starts_at"], name="event_organiser_starts_idx"),
            models.Index(fields=["state", "starts_at"], name="event_state_starts_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "running", "proof", "closed"])
                | Q(approved_at__isnull=False) & ~Q(approved_terms=""),
                name="event_runs_on_approved_terms",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False) & ~Q(summary=""),
                name="event_closed_has_a_summary",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False) & ~Q(cancel_reason=""),
                name="event_cancelled_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class EventSession(Governed):
    """One item of the agenda, in minutes."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="sessions")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=SessionKind)
    title = models.CharField(max_length=120)
    minutes = models.PositiveSmallIntegerField()
    speaker = models.ForeignKey("activities.Speaker", models.PROTECT, null=True, related_name="sessions")
    material_version = models.ForeignKey(
        "content.MaterialVersion", models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "place"], name="eventsession_place_is_unique"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="eventsession_lasts"),
        ]

    def __str__(self) -> str:
        return self.title


class Speaker(Governed):
    """A doctor invited to speak. The company pays no lecture fee to a person (SP-02, SG-04)."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="speakers")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SpeakerState, default=SpeakerState.PROPOSED)
    institution = models.CharField(max_length=120, blank=True, default="")  # as said, for who is in no master
    department_name = models.CharField(max_length=60, blank=True, default="")
    topic = models.CharField(max_length=120, blank=True, default="")
    inviter_kind = models.CharField(max_length=20, choices=InviterKind, default=InviterKind.HOSPITAL)
    fee_payer = models.CharField(max_length=10, choices=FeePayer, blank=True, default="")
    fee_fen = models.PositiveIntegerField(default=0)
    host_standard_fen = models.PositiveIntegerField(default=0)  # the host's own published limit; 0: none told
    hospital_approval_number = models.CharField(max_length=60, blank=True, default="")
    selection_reason = models.CharField(max_length=200, blank=True, default="")
    proposed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    selection_verified_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField(null=True)
    verdict_id = models.UUIDField(null=True)
    hospital_approval = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "doctor"], name="speaker_is_invited_once"),
            models.CheckConstraint(condition=Q(fee_fen=0) | ~Q(fee_payer=""), name="speaker_fee_has_a_payer"),
            models.CheckConstraint(
                condition=~Q(state="invited")
                | Q(invited_at__isnull=False, selection_verified_by__isnull=False, verdict_id__isnull=False),
                name="speaker_invited_was_verified_and_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"speaker {self.doctor_id}"


class Invitation(Governed):
    """A doctor asked to come, by the channel they prefer among those they consented to; none: they are asked in person."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="invitations")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=InvitationState, default=InvitationState.SENT)
    channel = models.CharField(max_length=16, choices=ContactChannel, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "doctor"], name="invitation_is_sent_once")]

    def __str__(self) -> str:
        return f"invitation {self.doctor_id}"


class Attendance(Governed):
    """A doctor signed in, once, by a code that was shown at the place."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="attendances")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, choices=AttendanceMethod)
    signed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["doctor", "-signed_at"], name="attendance_doctor_signed_idx")]
        constraints = [models.UniqueConstraint(fields=["event", "doctor"], name="attendance_is_signed_once")]

    def __str__(self) -> str:
        return f"attendance {self.doctor_id}"


class EventProof(Governed):
    """A file that proves the event: the same bytes prove one event only (SG-05, SP-12)."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=16, choices=ProofKind)
    file = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["file"], name="eventproof_file_idx")]
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "file"], name="eventproof_is_added_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SealedProof(Governed):
    """A file of events that names a doctor who was erased: nobody reads it any more but who states why. PIPL 47."""

    file = models.ForeignKey("common.StoredFile", models.PROTECT, related_name="+")
    doctor = models.ForeignKey("doctors.Doctor", models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "doctor"], name="sealedproof_once_for_a_doctor"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}"


class BudgetLine(Governed):
    """What one kind of cost was estimated at; what is committed and spent follows from the expenses."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="budget_lines")
    kind = models.CharField(max_length=12, choices=BudgetKind)
    estimate_fen = models.PositiveBigIntegerField()
    note = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "kind"], name="budgetline_kind_stands_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.estimate_fen}"


class Expense(Governed):
    """One receipt. Money is whole fen; the same receipt is entered once in the whole company."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="expenses")
    kind = models.CharField(max_length=12, choices=ExpenseKind)
    cost_fen = models.PositiveBigIntegerField()
    people_present = models.PositiveSmallIntegerField(default=0)
    spent_on = models.DateField()
    payee = models.CharField(max_length=120)
    receipt_number = models.CharField(max_length=40)
    receipt = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=200, blank=True, default="")
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt_number"], name="expense_receipt_is_entered_once"),
            models.CheckConstraint(condition=Q(cost_fen__gt=0), name="expense_costs_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cost_fen}"
