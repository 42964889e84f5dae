"""One doctor's consents as a table of purpose × channel for a product: what holds in each cell, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from compliance import selectors as law
from doctors.choices import Channel, ConsentState, NoticeState
from doctors.models import ConsentNotice, ConsentPurpose, ConsentRecord
from doctors.rules import consents as rules
from doctors.rules.consents import Answer, Cell, Consent
from doctors.selectors.consents import CONTACT_PURPOSE, answers_of, notice_in_force
from doctors.selectors.profile import ASKED_CHANNELS

COOL_DOWN_DAYS = 365  # of rule PI-20, before a company sets its own


@dataclass(frozen=True)
class CellView:
    """One cell: what holds there, and from which cell it comes ("" where the doctor answered for just this one)."""

    cell: Cell
    state: str
    label: str
    from_where: str
    until: datetime | None
    address: str


@dataclass(frozen=True)
class Row:
    """One purpose with its cells, one for each channel."""

    label: str
    clause: str
    cells: list[CellView]


@dataclass(frozen=True)
class Lattice:
    """The whole table for one product or for none."""

    product: str
    products: list[str]
    channels: list[str]
    rows: list[Row]


@dataclass(frozen=True)
class CellDetail:
    """Everything about one cell. `ask_from` is None where the company may ask today."""

    cell: Cell
    words: str
    state: str
    label: str
    from_where: str
    record: ConsentRecord | None
    history: list[ConsentRecord]
    notice: ConsentNotice | None
    ask_from: datetime | None

    @property
    def is_never(self) -> bool:
        return self.state == rules.NEVER

    @property
    def is_given(self) -> bool:
        return self.state == rules.GIVEN

    @property
    def shown_text(self) -> str:
        """The words the doctor was shown, in the reader's language."""
        return text_of(self.record.notice) if self.record and self.record.notice else ""


@dataclass(frozen=True)
class OwnLine:
    """One line of the doctor's own page: what holds, and the notice to read before a yes."""

    purpose: str
    channel: str
    label: str
    state: str
    state_label: str
    notice: ConsentNotice | None
    text: str


def text_of(notice: ConsentNotice) -> str:
    """Return a notice's words in the reader's language."""
    return notice.text_en if (get_language() or "").startswith("en") else notice.text_zh


def name_of(purpose: ConsentPurpose | None) -> str:
    """Return a purpose's name in the reader's language; without one it is about every purpose."""
    if purpose is None:
        return _("Every purpose")
    return purpose.name_en if (get_language() or "").startswith("en") else purpose.name_zh


def state_label(state: str) -> str:
    """Return the words for a state of the lattice."""
    return {
        rules.GIVEN: _("Consented"),
        rules.REFUSED: _("Refused"),
        rules.WITHDRAWN: _("Withdrawn"),
        rules.NEVER: _("Never"),
        rules.EXPIRED: pgettext("consent", "Expired"),
        rules.OUTDATED: _("To be asked anew"),
    }.get(state, _("Not asked"))


def lattice_of(doctor_id: UUID, *, at: datetime, product: str = "", own: Cell | None = None) -> Lattice:
    """Return a doctor's table. The caller has checked who may see it. Cost: two queries."""
    answers = answers_of([doctor_id]).get(doctor_id, [])
    purposes: list[ConsentPurpose | None] = [
        None,
        *ConsentPurpose.objects.filter(is_active=True).order_by("code"),
    ]
    channels = ["", *Channel.values]
    return Lattice(
        product=product,
        products=sorted({answer.product for answer in answers if answer.product} | ({product} - {""})),
        channels=[channel_label(channel) for channel in channels],
        rows=[
            Row(
                name_of(purpose),
                purpose.clause if purpose else "",
                [
                    _view(answers, (channel, purpose.code if purpose else "", product), at)
                    for channel in channels
                ],
            )
            for purpose in purposes
        ],
    )


def cell_detail(doctor_id: UUID, cell: Cell, *, at: datetime) -> CellDetail:
    """Return one cell with the answer that decides it, the words shown, its history and the notice to show next.

    Cost: five queries.
    """
    channel, purpose, product = cell
    answers = answers_of([doctor_id]).get(doctor_id, [])
    held = rules.resolve(answers, channel=channel, purpose=purpose, product=product, at=at)
    covering = [
        answer.id
        for answer in answers
        if all(own in ("", asked) for own, asked in zip(answer.cell, cell, strict=True))
    ]
    history = list(
        ConsentRecord.objects.filter(pk__in=covering)
        .select_related("purpose", "notice", "recorded_by", "proof")
        .order_by("-valid_from", "-pk")
    )
    known = ConsentPurpose.objects.filter(code=purpose).first() if purpose else None
    return CellDetail(
        cell=cell,
        words=_cell_words(cell, known),
        state=held.state,
        label=state_label(held.state),
        from_where=_from(held, cell),
        record=next((row for row in history if str(row.pk) == held.answer_id), None),
        history=history,
        notice=notice_in_force(purpose or CONTACT_PURPOSE, localtime(at).date()),
        ask_from=_ask_from(history, at),
    )


def own_consents(doctor_id: UUID, *, at: datetime) -> list[OwnLine]:
    """Return what the doctor may switch on their own page: contact by channel, then each purpose.

    Cost: three queries.
    """
    answers = answers_of([doctor_id]).get(doctor_id, [])
    on = localtime(at).date()
    in_force: dict[str, ConsentNotice] = {}
    for notice in (
        ConsentNotice.objects.filter(state=NoticeState.PUBLISHED, valid_from__lte=on)
        .select_related("purpose")
        .order_by("version")
    ):
        in_force[notice.purpose.code] = notice
    asked = [(CONTACT_PURPOSE, str(channel), str(channel.label)) for channel in ASKED_CHANNELS]
    asked += [
        (purpose.code, "", name_of(purpose))
        for purpose in ConsentPurpose.objects.filter(is_active=True).order_by("code")
        if purpose.code != CONTACT_PURPOSE
    ]
    lines = []
    for purpose_code, channel, label in asked:
        held = rules.resolve(answers, channel=channel, purpose=purpose_code, at=at)
        notice = in_force.get(purpose_code)
        lines.append(
            OwnLine(
                purpose_code, channel, label, held.state, state_label(held.state), notice,
                text_of(notice) if notice else "",
            )
        )  # fmt: skip
    return lines


def channel_label(channel: str) -> str:
    """Return a channel's name; without one it is about every channel."""
    return str(Channel(channel).label) if channel else _("Every channel")


def records_resting_on(notice: ConsentNotice) -> int:
    """Return how many answers of doctors were given on one version of a notice. Cost: one query."""
    return ConsentRecord.objects.filter(notice=notice, state=ConsentState.GIVEN).count()


def _view(answers: list[Answer], cell: Cell, at: datetime) -> CellView:
    held = rules.resolve(answers, channel=cell[0], purpose=cell[1], product=cell[2], at=at)
    address = urlencode({"product": cell[2], "channel": cell[0], "purpose": cell[1], "open": "1"})
    return CellView(
        cell, held.state, state_label(held.state), _from(held, cell), held.until, f"?{address}#cell"
    )


def _from(held: Consent, cell: Cell) -> str:
    """Say from which wider cell a state comes; empty where the doctor answered for just this one or for none."""
    if held.state == rules.NONE or held.cell == cell:
        return ""
    channel, purpose, product = held.cell
    parts = [
        channel_label(channel) if cell[0] else "",
        _("this purpose") if purpose else (_("Every purpose") if cell[1] else ""),
        product or (_("every product") if cell[2] else ""),
    ]
    return _("from: %(cell)s") % {"cell": " · ".join(part for part in parts if part)}


def _cell_words(cell: Cell, purpose: ConsentPurpose | None) -> str:
    return " · ".join([name_of(purpose), channel_label(cell[0]), cell[2] or _("every product")])


def _ask_from(history: list[ConsentRecord], at: datetime) -> datetime | None:
    """Return from when the company may ask again after a no, or None when it may today. Source: PI-20."""
    said_no = [
        row.valid_from for row in history if row.state in {ConsentState.REFUSED, ConsentState.WITHDRAWN}
    ]
    if not said_no:
        return None
    days = int(law.figure_on("PI-20", "days", at) or COOL_DOWN_DAYS)
    free = max(said_no) + timedelta(days=days)
    return free if free > at else None
