"""What the doctor's page can be asked to do, before the code and behind it; each answers with what to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from axes.helpers import get_client_ip_address
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from doctors import actions, selectors
from doctors.choices import Channel, CodeChannel, ConsentState
from pharmacrm.common import tries

CODES_AN_HOUR = 5


@dataclass(frozen=True)
class Asked:
    """One act on a page: of which link, with what was sent, when, and from where."""

    link: Any
    said: Mapping[str, Any]
    at: datetime
    request: HttpRequest

    @property
    def doctor_id(self) -> UUID:
        return self.link.doctor_id


def send(asked: Asked) -> str:
    # SECURITY: whoever holds the link could flood the doctor's mailbox.
    name = ("doctor-code", str(asked.link.pk), get_client_ip_address(asked.request) or "")
    here = ("doctor-code", str(asked.link.pk))
    if tries.is_spent(*name, most=CODES_AN_HOUR) or tries.is_spent(*here, most=CODES_AN_HOUR):
        raise actions.PageNotOpened(_("Too many codes were asked for. Try again in an hour."))
    channel = asked.said.get("channel", "")
    actions.send_code(link_id=asked.link.pk, channel=channel, at=asked.at)
    tries.count_failure(*here, seconds=3600)
    if channel == CodeChannel.SMS:
        return _("A code is on its way by text message to the number on file. It holds for ten minutes.")
    return _("A code is on its way to the e-mail address on file. It holds for ten minutes.")


def code(asked: Asked) -> str:
    actions.confirm_code(link_id=asked.link.pk, code=asked.said["code"], at=asked.at)
    return ""


def stop(asked: Asked) -> str:
    actions.withdraw_consent(doctor_id=asked.doctor_id, by=None, at=asked.at)
    return _("All contact is stopped, from now on.")


def withdraw(asked: Asked) -> str:
    channel, purpose = asked.said.get("channel", ""), asked.said.get("purpose", "")
    actions.withdraw_consent(
        doctor_id=asked.doctor_id, channel=channel, purpose=purpose, by=None, at=asked.at
    )
    return _("Withdrawn, from now on.")


def never(asked: Asked) -> str:
    actions.withdraw_consent(doctor_id=asked.doctor_id, never=True, by=None, at=asked.at)
    return _("We will not contact you again.")


def give(asked: Asked) -> str:
    channel, purpose = asked.said.get("channel", ""), asked.said.get("purpose", "")
    day = timezone.localdate(asked.at)
    notice = selectors.notice_in_force(purpose or selectors.CONTACT_PURPOSE, day)
    if notice is None or str(notice.pk) != asked.said.get("notice"):
        raise actions.ConsentNotAccepted(_("The notice changed meanwhile. Please read it again."))
    actions.record_consent(
        doctor_id=asked.doctor_id, state=ConsentState.GIVEN, channel=channel, purpose=purpose,
        notice_id=notice.pk, obtained_by=Channel.ONLINE, by=None, at=asked.at,
    )  # fmt: skip
    return _("Thank you. You can withdraw at any time.")


def ask(asked: Asked) -> str:
    taken = actions.take_request(doctor_id=asked.doctor_id, source="page", by=None, at=asked.at, **asked.said)
    return _("Your request has the number %(number)s.") % {"number": taken.number}


def drop(asked: Asked) -> str:
    try:
        key = UUID(asked.said.get("request", ""))
    except ValueError:
        raise Http404 from None
    if not selectors.requests_of_doctor(asked.doctor_id).filter(pk=key).exists():
        raise Http404
    actions.drop_request(
        request_id=key, doctor_id=asked.doctor_id, at=asked.at, reason=asked.said.get("reason", "")[:300]
    )
    return _("Taken back.")


def contest(asked: Asked) -> str:
    actions.contest_tier_by_link(link_id=asked.link.pk, at=asked.at, **asked.said)
    return _("Taken down. A person decides, and answers you here.")


CLOSED_ACTS: dict[str, Callable[[Asked], str]] = {"send": send, "code": code, "stop": stop}
OPEN_ACTS: dict[str, Callable[[Asked], str]] = {
    "stop": stop, "withdraw": withdraw, "never": never, "give": give, "ask": ask, "drop": drop, "contest": contest,
}  # fmt: skip
