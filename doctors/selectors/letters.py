"""The letter that answers a privacy request, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from doctors.choices import RequestKind
from doctors.models import PrivacyRequest


def letter_of(request: PrivacyRequest, *, is_granted: bool, reason: str, on: date) -> str:
    """Return the answer in words: what was asked, what was decided and why, what follows, and how to object."""
    done = {
        RequestKind.ACCESS: _("Everything we hold about you can be read on your page."),
        RequestKind.COPY: _("Your copy is on your page, to read and to keep."),
        RequestKind.PORTABILITY: _("Your data are on your page as a JSON file that other systems can read."),
        RequestKind.CORRECT: _(
            "Your correction was handed to our data stewards, who enter it within five days."
        ),
        RequestKind.ERASE: _(
            "Your personal data were erased. What a law obliges us to keep is put away and only stored."
        ),
        RequestKind.EXPLAIN: _(
            "How your tier came about stands on your page, with the weight of each fact. A person of ours looks at it again if you object."
        ),
        RequestKind.RESTRICT: _(
            "We no longer use your data for contact, messages, invitations or profiling."
        ),
        RequestKind.REFUSE_PROFILING: _("You are no longer profiled. This brings you no disadvantage."),
    }
    lines = [
        _("Your request %(number)s of %(day)s")
        % {"number": request.number, "day": f"{request.received_at:%Y-%m-%d}"},
        _("You asked: %(kind)s.") % {"kind": RequestKind(request.kind).label},
    ]
    if is_granted:
        lines.append(str(done[RequestKind(request.kind)]))
    else:
        lines.append(_("We cannot do this. Our reason: %(reason)s") % {"reason": reason.strip()})
    if is_granted and reason.strip():
        lines.append(reason.strip())
    lines.append(
        _(
            "If you do not agree, answer this letter, turn to the authority for personal information, or go to court (Personal Information Protection Law, articles 50 and 65)."
        )
    )
    lines.append(f"{on:%Y-%m-%d}")
    return "\n".join(lines)
