"""Shapes of the desktop pages of field work: filters, goals, hospital doors, answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.actions import ConsentWords, Goal, PolicyWords, SafetyWords, SlotWords
from activities.choices import (
    BookingChannel,
    BookingState,
    Channel,
    InquiryState,
    NeedState,
    Place,
    Purpose,
    SafetyState,
    Seriousness,
    TransferCategory,
    TransferSource,
    VisitState,
    Weekday,
)
from doctors.choices import Tier
from pharmacrm.common.listing import FilterForm, any_of

DAY = {"type": "date"}
YES_NO = [("", _("all")), ("yes", _("yes")), ("no", _("no"))]
SLOTS = 3


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )


class VisitFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(VisitState))
    channel = forms.ChoiceField(label=_("Channel"), choices=any_of(Channel))
    breach = forms.ChoiceField(label=_("In breach"), choices=YES_NO)
    since = _day(_("From"))
    until = _day(_("To"))
    rep = forms.UUIDField(widget=forms.HiddenInput)
    doctor = forms.UUIDField(widget=forms.HiddenInput)


class SafetyFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(SafetyState))
    seriousness = forms.ChoiceField(label=_("Seriousness"), choices=any_of(Seriousness))


class NeedFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(NeedState))
    question__icontains = forms.CharField(label=_("Words"))


class TransferFilter(FilterForm):
    source = forms.ChoiceField(label=_("Reported by"), choices=any_of(TransferSource))
    category = forms.ChoiceField(label=_("Category"), choices=any_of(TransferCategory))
    doctor = forms.CharField(label=_("Doctor, name or code"))
    payer = forms.CharField(label=_("Payer"))
    number = forms.CharField(label=_("Record number"))
    since = _day(_("From"))
    until = _day(_("To"))


class InquiryFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(InquiryState))


class BookingFilter(FilterForm):
    state = forms.ChoiceField(label=_("State"), choices=any_of(BookingState))


class HospitalFilter(FilterForm):
    name = forms.CharField(label=_("Hospital"))


class AmendForm(forms.Form):
    """A correction of a submitted visit."""

    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[("", _("unchanged")), *Purpose.choices], required=False
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("unchanged")), *Channel.choices], required=False
    )
    place = forms.ChoiceField(
        label=_("Place"), choices=[("", _("unchanged")), *Place.choices], required=False
    )
    note = forms.CharField(
        label=_("What is to be added or put right"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Why"), max_length=300)

    def changes(self) -> dict[str, str]:
        """Return the fields that were set."""
        return {
            name: self.cleaned_data[name]
            for name in ("purpose", "channel", "place")
            if self.cleaned_data[name]
        }


class CycleForm(forms.Form):
    """A cycle with one face-to-face goal a tier; more channels come by further cycles' goals."""

    code = forms.CharField(label=_("Code"), max_length=32)
    name = forms.CharField(label=_("Name of the cycle"), max_length=80)
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for tier in Tier:
            for what, label, most in (
                ("coverage", _("doctors to meet, %"), 100),
                ("contacts", _("contacts per doctor"), 60),
            ):
                self.fields[f"{tier.value}_{what}"] = forms.IntegerField(
                    label=f"{tier.label}: {label}", min_value=0, max_value=most, required=False
                )

    def goals(self) -> tuple[Goal, ...]:
        """Return the goals that were set."""
        said = self.cleaned_data
        return tuple(
            Goal(
                tier.value,
                Channel.FACE_TO_FACE,
                said[f"{tier.value}_coverage"],
                said[f"{tier.value}_contacts"],
            )
            for tier in Tier
            if said.get(f"{tier.value}_coverage") and said.get(f"{tier.value}_contacts")
        )


class PolicyForm(forms.Form):
    """How a hospital receives representatives (三定两有)."""

    valid_from = _day(_("Valid from"))
    booking_required = forms.BooleanField(label=_("Booking required"), required=False)
    registers_reps = forms.BooleanField(label=_("Only registered representatives"), required=False)
    booking_channel = forms.ChoiceField(
        label=_("How to book"), choices=[("", _("not told")), *BookingChannel.choices], required=False
    )
    lead_days = forms.IntegerField(label=_("Days ahead"), min_value=0, max_value=60, initial=0)
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    receivers = forms.CharField(label=_("Received by"), max_length=200, required=False)
    materials_upfront = forms.BooleanField(label=_("Materials are sent beforehand"), required=False)
    restricted_areas = forms.MultipleChoiceField(
        label=_("Areas without representatives"),
        choices=Place,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    source = forms.CharField(label=_("Where this is published"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, SLOTS + 1):
            self.fields[f"weekday_{number}"] = forms.TypedChoiceField(
                label=_("Reception %(number)d: weekday") % {"number": number},
                choices=[("", "—"), *Weekday.choices],
                coerce=int,
                empty_value=None,
                required=False,
            )
            for side, label in (("starts", _("from")), ("ends", _("to"))):
                self.fields[f"{side}_{number}"] = forms.TimeField(
                    label=label,
                    required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )

    def words(self) -> PolicyWords:
        """Return what the form says."""
        said = self.cleaned_data
        slots = tuple(
            SlotWords(said[f"weekday_{n}"], said[f"starts_{n}"], said[f"ends_{n}"])
            for n in range(1, SLOTS + 1)
            if said.get(f"weekday_{n}") and said.get(f"starts_{n}") and said.get(f"ends_{n}")
        )
        plain = (
            "booking_required",
            "registers_reps",
            "booking_channel",
            "lead_days",
            "place",
            "receivers",
            "materials_upfront",
            "source",
        )
        return PolicyWords(
            **{name: said[name] for name in plain},
            restricted_areas=tuple(said["restricted_areas"]),
            slots=slots,
        )


class ConsentForm(forms.Form):
    """An institution's registered consent."""

    hospital = forms.UUIDField(label=_("Hospital"), widget=forms.Select)
    department_in_charge = forms.CharField(label=_("Department in charge"), max_length=80)
    registration_number = forms.CharField(label=_("Registration number"), max_length=60)
    valid_from = _day(_("Valid from"))
    valid_until = _day(_("Last day"))
    product_codes = forms.CharField(label=_("Product codes, by comma; empty means all"), required=False)
    evidence = forms.FileField(label=_("Evidence (PDF or picture)"))

    def __init__(self, *args: Any, hospitals: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hospital"].widget.choices = [("", "—"), *hospitals]

    def words(self, *, day_after: Any) -> ConsentWords:
        """Return what the form says; `day_after` turns the last day into the first day after it."""
        said = self.cleaned_data
        return ConsentWords(
            hospital_id=said["hospital"],
            department_in_charge=said["department_in_charge"],
            registration_number=said["registration_number"],
            valid_from=said["valid_from"],
            valid_until=day_after(said["valid_until"]),
            product_codes=tuple(code.strip() for code in said["product_codes"].split(",") if code.strip()),
        )


class BookingForm(forms.Form):
    """A time asked of a hospital."""

    hospital = forms.UUIDField(label=_("Hospital"), widget=forms.Select)
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("To"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    channel = forms.ChoiceField(
        label=_("How to book"), choices=[("", _("not told")), *BookingChannel.choices], required=False
    )
    reference = forms.CharField(label=_("The hospital's reference"), max_length=60, required=False)

    def __init__(self, *args: Any, hospitals: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hospital"].widget.choices = [("", "—"), *hospitals]


class BookingAnswerForm(forms.Form):
    """The hospital's answer to a booking."""

    state = forms.ChoiceField(choices=BookingState)
    reference = forms.CharField(max_length=60, required=False)


class OutcomeForm(forms.Form):
    """What was told back to a doctor about a need."""

    outcome = forms.CharField(
        label=_("What is told back to the doctor"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    """Medical's answer to a doctor's question."""

    text = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 6}))
    references = forms.CharField(
        label=_("References, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def lines(self) -> tuple[str, ...]:
        """Return the references."""
        return tuple(line.strip() for line in self.cleaned_data["references"].splitlines() if line.strip())


class CompleteSafetyForm(forms.Form):
    """What pharmacovigilance adds to a report."""

    event = forms.CharField(
        label=_("What happened"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    product = forms.CharField(label=_("Which medicine"), required=False)
    patient = forms.CharField(label=_("Patient: age, sex or initials"), required=False)
    reporter = forms.CharField(label=_("Who told it"), required=False)
    onset = forms.CharField(label=_("Since when"), required=False)
    outcome = forms.CharField(label=_("Outcome"), required=False)
    seriousness = forms.ChoiceField(label=_("Seriousness"), choices=Seriousness)

    def words(self) -> SafetyWords:
        """Return the words for the vault."""
        said = self.cleaned_data
        return SafetyWords(
            **{name: said[name] for name in ("event", "product", "patient", "reporter", "onset", "outcome")}
        )


class AuthorityForm(forms.Form):
    """The number a report got from the authority."""

    authority_reference = forms.CharField(label=_("Number at the authority"), max_length=60)


def day_before(day: date) -> date:
    """Return the day before, for showing the end of a span."""
    return date.fromordinal(day.toordinal() - 1)


def day_after(day: date) -> date:
    """Return the first day after a span's last day."""
    return date.fromordinal(day.toordinal() + 1)
