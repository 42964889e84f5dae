"""Everything about one doctor on one page (360°): reads over doctors, activities and content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities import selectors as activities
from activities.choices import InquiryState, NeedState
from activities.permissions import can_see_reported_transfers
from compliance import selectors as law
from doctors import selectors as doctors
from doctors.choices import Channel, InteractionKind
from pharmacrm.common.kept import kept_for

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

SHOWN = 6
CYCLE_DAYS = 90
VISITS = (InteractionKind.VISIT, InteractionKind.REMOTE_VISIT)


@dataclass(frozen=True)
class Budget:
    """How much of a limit is used. `limit` 0: the company has set none."""

    label: str
    used: int
    limit: int

    @property
    def percent(self) -> int:
        return min(self.used * 100 // self.limit, 100) if self.limit else 0

    @property
    def tone(self) -> str:
        return "ban" if self.limit and self.used >= self.limit else ""


@dataclass(frozen=True)
class Step:
    """What to do next, and why."""

    act: str
    reason: str
    line: str = ""
    line_id: UUID | None = None
    way: str = ""  # the channel to take: the one the doctor prefers, where consent allows it


@dataclass(frozen=True)
class DoctorPage:
    """All that the page shows of one doctor."""

    overview: doctors.Overview
    why: doctors.TierExplanation
    needs: list[Any]
    inquiries: list[Any]
    materials: list[Any]
    visits: Budget
    fees_fen: int
    transfers: list[activities.Part]
    reported: list[activities.Reported] | None  # None for who may not read them
    signed_in: list[activities.Part]
    events: int
    step: Step
    time_line: list[dict[str, str]]


def doctor_page(user: User, doctor_id: UUID, *, at: datetime) -> DoctorPage | None:
    """Return one doctor's page for a reader, or None where they may not see the doctor. Cost: at most eleven queries."""
    on = timezone.localdate(at)
    overview = doctors.overview_of(user, doctor_id, at=at, on=on)
    if overview is None:
        return None
    needs = activities.needs_of_doctor(doctor_id, limit=SHOWN)
    inquiries = activities.inquiries_of_doctor(doctor_id, limit=SHOWN)
    parts = activities.parts_of_doctor(doctor_id)
    visits = Budget(_("Visits in 30 days"), overview.visits_30_days, _visits_allowed())
    return DoctorPage(
        overview=overview,
        why=doctors.explain_briefly(overview.now),
        needs=needs,
        inquiries=inquiries,
        materials=activities.materials_shown_to(doctor_id, limit=SHOWN),
        visits=visits,
        fees_fen=activities.fees_of_year(parts, on.year),
        transfers=[one for one in parts if one.fee_fen][:SHOWN],
        reported=activities.reported_to(doctor_id) if can_see_reported_transfers(user) else None,
        signed_in=[one for one in parts if one.signed_at][:SHOWN],
        events=sum(
            overview.counts.get(kind, 0)
            for kind in (
                InteractionKind.EVENT_ATTENDED,
                InteractionKind.EVENT_SPOKEN,
                InteractionKind.EVENT_CHAIRED,
            )
        ),
        step=replace(_next_step(overview, needs, inquiries, visits, on), way=_way(overview)),
        time_line=_time_line(overview, needs),
    )


@kept_for(60)
def _visits_allowed() -> int:
    """Return the company's limit of visits in thirty days. Cost: one query a minute; the law itself asks each time."""
    return int(law.figure_on("SG-01", "visits", timezone.now()) or 0)


def _next_step(
    overview: doctors.Overview, needs: list[Any], inquiries: list[Any], visits: Budget, on: date
) -> Step:
    """Return the step that helps this doctor most. An open question comes before any plan of ours."""
    open_needs = [need for need in needs if need.state == NeedState.OPEN]
    answered = [one for one in inquiries if one.state == InquiryState.ANSWERED]
    if visits.limit and visits.used >= visits.limit:
        return Step(
            _("Plan no further visit for now"),
            ngettext(
                "%(used)d visit in 30 days reaches the company's limit of %(limit)d.",
                "%(used)d visits in 30 days reach the company's limit of %(limit)d.",
                visits.used,
            )
            % {"used": visits.used, "limit": visits.limit},
        )
    if open_needs:
        asked = timezone.localtime(open_needs[0].captured_at)
        return Step(
            _("Bring an answer to the open question"),
            _("“%(question)s” has been open since %(day)s.")
            % {"question": open_needs[0].question, "day": f"{asked:%Y-%m-%d}"},
        )
    if answered:
        return Step(
            _("Ask whether medical's answer helped"),
            _("Medical answered a question of this doctor."),
        )
    strategy = doctors.strategy_for(
        overview.card.tier, overview.role_keys, overview.card.hospital_level, overview.department_code
    )
    last = next((one.at for one in overview.stream if one.kind in VISITS), None)
    if strategy is None:
        return Step(_("Keep the playbook first"), _("No playbook fits this doctor's tier yet."))
    line = (strategy.line, strategy.playbook_id)
    if strategy.visits_per_cycle == 0:
        return Step(_("Offer content, not visits"), strategy.goal, *line)
    due = timedelta(days=CYCLE_DAYS // strategy.visits_per_cycle)
    if last is None:
        return Step(
            _("Introduce yourself"), _("There was no visit yet. %(goal)s") % {"goal": strategy.goal}, *line
        )
    days = (on - timezone.localdate(last)).days
    said = {"days": days, "each": due.days, "goal": strategy.goal}
    if days >= due.days:
        return Step(
            _("Plan the next visit"),
            _("The last visit was %(days)d days ago; the playbook sets one in %(each)d. %(goal)s") % said,
            *line,
        )
    return Step(
        _("Nothing is due"),
        _("The last visit was %(days)d days ago; the playbook sets one in %(each)d. %(goal)s") % said,
        *line,
    )


def _way(overview: doctors.Overview) -> str:
    """Say how to reach this doctor. A preference orders what consent allows; what it does not allow it never opens."""
    preferred = overview.preferred_channel
    if not preferred:
        return ""
    label = str(Channel(preferred).label)
    if preferred in overview.allowed:
        return _("%(channel)s: the doctor prefers it, and consent is on file.") % {"channel": label}
    others = doctors.channels_in_order(preferred, overview.allowed)
    if not others:
        return _("The doctor prefers %(channel)s, but has not consented to it; ask first.") % {
            "channel": label
        }
    return _("%(other)s: the doctor prefers %(channel)s, but has not consented to it.") % {
        "other": Channel(others[0]).label,
        "channel": label,
    }


def _time_line(overview: doctors.Overview, needs: list[Any]) -> list[dict[str, str]]:
    found = [
        (one.at, one.kind_label, one.channel_label if one.channel != Channel.VISIT else "", one.by)
        for one in overview.stream
    ]
    found += [(at, _("Tier"), tier, "") for at, tier in overview.moves]
    found += [(need.captured_at, _("Clinical need"), need.question, str(need.captured_by)) for need in needs]
    found.sort(key=lambda one: one[0], reverse=True)
    return [
        {
            "act": act,
            "detail": detail,
            "meta": " · ".join(filter(None, (f"{timezone.localtime(at):%Y-%m-%d %H:%M}", by))),
        }
        for at, act, detail, by in found[: SHOWN * 2]
    ]
