"""Find doctors the way people type: name, pinyin, initials, mixed, hospital nickname, phone tail, one slip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import UUID

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from doctors.models import ContactPoint, Department, Doctor, Hospital, HospitalAlias
from doctors.rules import matching
from doctors.rules.contacts import PHONE_KINDS
from doctors.rules.names import grams, read_name
from doctors.selectors.cards import CARD_FIELDS, DoctorCard, card_of_row
from doctors.selectors.privacy import open_text
from doctors.selectors.visibility import doctors_visible_to
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import blind_index

MOST_CANDIDATES = 300
MOST_HOSPITALS = 200
SIMILAR = 0.5
TIER_BONUS = {"core": 3, "potential": 2, "basic": 1}


@dataclass(frozen=True)
class Hit:
    """One doctor found, and why."""

    card: DoctorCard
    why: str
    score: int


@dataclass(frozen=True)
class Candidate:
    """One doctor that may be meant."""

    card: DoctorCard
    readings: tuple[str, ...]
    sort_key: str


class Places:
    """Hospitals and departments a word may mean, looked up once a search."""

    def __init__(self) -> None:
        self.known: dict[str, Q] = {}

    def of(self, word: str) -> Q:
        if word not in self.known:
            self.known[word] = _place_of(word)
        return self.known[word]


def search_doctors(user: User, text: str, on: date, limit: int = 20) -> list[Hit]:
    """Return the doctors a person may see who fit what was typed, best first, each with the reason.

    Every word has to fit: the name, or for further words the hospital or department too. Where nothing fits, one
    typing slip is forgiven. Cost: two to nine queries by index, none over all doctors.
    """
    words = matching.fold_query(text)
    if not words:
        return []
    visible = doctors_visible_to(user, on)
    places = Places()
    hits: dict[UUID, Hit] = {}
    for place, word in enumerate(words):
        others = words[:place] + words[place + 1 :]
        _keep(hits, _narrowed(_by_word(visible, word, others, places), others))
    if len(words) == 1 or not hits:
        _keep(hits, _by_place(visible, words, places))
    if not hits:
        for place, word in enumerate(words):
            others = words[:place] + words[place + 1 :]
            _keep(hits, _narrowed(_by_slip(visible, word, others, places), others))
    ranked = sorted(hits.values(), key=lambda hit: (-hit.score, hit.card.name, str(hit.card.id)))
    return ranked[:limit]


def search_hospitals(text: str, limit: int = 20) -> list[Hospital]:
    """Return hospitals whose name or alias holds what was typed; shorter names first. Cost: two queries."""
    word = "".join(matching.fold_query(text))
    if not word:
        return []
    keys = hospital_ids_like(word)
    found = Hospital.objects.filter(pk__in=keys).select_related("division")
    return sorted(found, key=lambda one: (not one.name.startswith(word), len(one.name), one.name))[:limit]


def hospital_ids_like(word: str) -> list[UUID]:
    """Return keys of hospitals whose name or alias holds a text. Cost: two queries by the gram indexes."""
    wanted = [piece for piece in grams(word) if len(piece) == min(2, len(word))]
    keys: dict[UUID, None] = {}
    for model, key in ((Hospital, "pk"), (HospitalAlias, "hospital_id")):
        table = model._meta.db_table
        holds = RawSQL(f"pharmacrm_grams({table}.name) @> %s::text[]", [wanted], BooleanField())  # noqa: S611 - no input in the text
        rows = model.objects.annotate(holds=holds).filter(holds=True, name__icontains=word)
        keys.update(dict.fromkeys(rows.values_list(key, flat=True)[:MOST_HOSPITALS]))
    return list(keys)


def _by_word(visible: QuerySet[Doctor], word: str, others: list[str], places: Places) -> Iterable[Hit]:
    if word.isdigit() and len(word) >= 4:
        return _by_phone(visible, word)
    if matching.has_han(word):
        return _by_characters(visible, word, others, places)
    letters = "".join(char for char in word if char.isascii() and char.isalpha())
    return _by_letters(visible, letters, others, places) if letters else []


def _by_characters(visible: QuerySet[Doctor], word: str, others: list[str], places: Places) -> Iterable[Hit]:
    characters = "".join(char for char in word if matching.has_han(char))
    is_mixed = characters != word
    pieces = grams(characters)
    wanted = list(pieces) if is_mixed or len(characters) == 1 else [one for one in pieces if len(one) == 2]
    if is_mixed:
        wanted = [one for one in pieces if len(one) == 1]
    for one in _candidates(_placed(visible.filter(identity__keys__contains=wanted), others, places)):
        name = one.card.name.lower().replace("·", "")
        if is_mixed:
            if any(matching.mixed_fits(word, name, reading) for reading in one.readings):
                yield _hit(one, _("Name and pinyin"), 70)
        elif name == word:
            yield _hit(one, _("Name"), 100)
        elif name.startswith(word):
            yield _hit(one, _("Name"), 80)
        elif word in name:
            yield _hit(one, _("Name"), 60)


def _by_letters(visible: QuerySet[Doctor], letters: str, others: list[str], places: Places) -> Iterable[Hit]:
    keys = [f"^{initials}" for initials in matching.initials_of_query(letters)] + [f"={letters[:22]}"]
    for one in _candidates(_placed(visible.filter(identity__keys__overlap=keys), others, places)):
        for reading in one.readings:
            joined = reading.replace(" ", "")
            initials = "".join(syllable[0] for syllable in reading.split())
            if joined == letters or letters in reading.split():
                yield _hit(one, _("Pinyin"), 90)
            elif initials == letters:
                yield _hit(one, _("Initials"), 75)
            elif joined.startswith(letters):
                yield _hit(one, _("Pinyin"), 72)
            elif matching.reads_as(letters, reading):
                yield _hit(one, _("Pinyin and initials"), 65)
            else:
                continue
            break


def _by_phone(visible: QuerySet[Doctor], digits: str) -> Iterable[Hit]:
    tail = blind_index(digits[-4:], purpose="phone-tail")
    points = ContactPoint.objects.filter(tail_index=tail, kind__in=PHONE_KINDS, is_active=True)
    if len(digits) > 4:
        points = [
            point
            for point in points[:MOST_CANDIDATES]
            if open_text(point.doctor_id, point.sealed).replace("-", "").endswith(digits)
        ]
    owners = {point.doctor_id for point in points[:MOST_CANDIDATES]}
    return [
        _hit(one, _("Phone number ends in these digits"), 95)
        for one in _candidates(visible.filter(pk__in=owners))
    ]


def _by_place(visible: QuerySet[Doctor], words: list[str], places: Places) -> Iterable[Hit]:
    placed = visible
    for word in words:
        if len(word) < 2:
            return []
        placed = placed.filter(places.of(word))
    return [
        _hit(one, _("Hospital or department"), 30)
        for one in _candidates(placed.order_by("-tier", "pk"), most=50)
    ]


def _by_slip(visible: QuerySet[Doctor], word: str, others: list[str], places: Places) -> Iterable[Hit]:
    if not word.isalpha():
        return
    if not matching.has_han(word):
        close = visible.filter(
            RawSQL("replace(doctors_doctoridentity.sort_key, ' ', '') %% %s", [word], BooleanField()),
            identity__isnull=False,
        )
        for one in _candidates(_placed(close, others, places)):
            if matching.is_one_slip_away(word, one.sort_key.replace(" ", "")):
                yield _hit(one, _("Similar pinyin"), 45)
        return
    reading = read_name(word).sort_key
    for one in _candidates(_placed(visible.filter(identity__sort_key=reading), others, places)):
        yield _hit(one, _("Sounds the same"), 50)
    characters = [char for char in dict.fromkeys(word) if matching.has_han(char)]
    if len(characters) < 3:
        return
    for pair in combinations(characters[:4], len(characters[:4]) - 1):
        for one in _candidates(_placed(visible.filter(identity__keys__contains=list(pair)), others, places)):
            if matching.is_one_slip_away(word, one.card.name):
                yield _hit(one, _("Similar name"), 45)


def _placed(doctors: QuerySet[Doctor], words: list[str], places: Places) -> QuerySet[Doctor]:
    """Narrow by further words that are a hospital or department; a second part of a Latin name stays for the name."""
    for word in words:
        if len(word) >= 2 and matching.has_han(word):
            doctors = doctors.filter(places.of(word))
    return doctors


def _narrowed(hits: Iterable[Hit], words: list[str]) -> Iterable[Hit]:
    plain = [word for word in words if not matching.has_han(word) and not word.isdigit()]
    for hit in hits:
        folded = hit.card.name.lower()
        if all(word in folded or word in hit.card.hospital.lower() for word in plain):
            yield hit


def _place_of(word: str) -> Q:
    departments = list(
        Department.objects.filter(Q(name__startswith=word) | Q(aliases__contains=[word])).values_list(
            "pk", flat=True
        )
    )
    hospitals = Q(hospital_id__in=hospital_ids_like(word))
    return (hospitals | Q(department_id__in=departments)) if departments else hospitals


def _candidates(doctors: QuerySet[Doctor], most: int = MOST_CANDIDATES) -> list[Candidate]:
    rows = doctors.values(*CARD_FIELDS, "identity__readings", "identity__sort_key")[:most]
    return [
        Candidate(card_of_row(row), tuple(row["identity__readings"] or ()), row["identity__sort_key"] or "")
        for row in rows
    ]


def _hit(one: Candidate, why: str, score: int) -> Hit:
    return Hit(one.card, why, score + TIER_BONUS.get(one.card.tier, 0))


def _keep(hits: dict[UUID, Hit], found: Iterable[Hit]) -> None:
    for hit in found:
        if hit.card.id not in hits or hits[hit.card.id].score < hit.score:
            hits[hit.card.id] = hit
