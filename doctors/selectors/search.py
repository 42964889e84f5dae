"""Find doctors the way people type: name, pinyin, initials, mixed, hospital nickname, phone tail, one slip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from doctors.models import Assignment, ContactPoint, Doctor, Hospital
from doctors.rules import matching
from doctors.rules.contacts import PHONE_KINDS
from doctors.rules.names import grams, read_name
from doctors.selectors.cards import CARD_FIELDS, DoctorCard, card_of_row
from doctors.selectors.places import Places, hospital_ids_like, hospital_ids_one_slip_from
from doctors.selectors.privacy import open_texts
from doctors.selectors.visibility import canonical_ids, doctors_visible_to, own_doctor_ids
from pharmacrm.accounts.models import User
from pharmacrm.accounts.selectors import sees_every_territory
from pharmacrm.common.crypto import blind_index

MOST_CANDIDATES = 300
FEW = 10
WHOLE_READING = 90
MOST_IN_A_PLACE = 1000
SHORTEST_PHONE = 4
SHORTEST_SOUND = 4
WHOLE_MOBILE = 11
LONGEST_INITIALS = 4
# Who is not profiled stands where a basic doctor stands: refusing it costs nobody a place.
TIER_BONUS = {"core": 3, "potential": 2, "basic": 1, "": 1}
TIERS_IN_ORDER = (("core",), ("potential",), ("basic", ""))
MOST_OF_A_PLACE = 50


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


def search_doctors(user: User, text: str, on: date, limit: int = 20) -> list[Hit]:
    """Return the doctors a person may see who fit what was typed, best first, each with the reason.

    Every word has to fit: the name, or for further words the hospital, the department or the end of a phone number.
    Where nothing fits, one typing slip is forgiven, in the name or in the hospital. Cost: two to fifteen queries by
    index, none over all doctors.
    """
    words = matching.fold_query(text)
    if not words:
        return []
    visible = doctors_visible_to(user, on)
    hits: dict[UUID, Hit] = {}
    numbers = [word for word in words if word.isdigit() and len(word) >= SHORTEST_PHONE]
    if numbers:
        own = own_doctor_ids(user, on)
        for number in numbers:
            visible = visible.filter(pk__in=_owners(own, number))
        words = [word for word in words if word not in numbers]
        if not words:
            _keep(
                hits, (_hit(one, _("Phone number ends in these digits"), 95) for one in _candidates(visible))
            )
    for word, others in _each(words):
        _keep(hits, _narrowed(_by_merged(visible, word, others), others))
    _search(hits, visible, words, is_bounded=bool(numbers) or not sees_every_territory(user))
    ranked = sorted(hits.values(), key=lambda hit: (-hit.score, hit.card.name, str(hit.card.id)))
    return ranked[:limit]


def _search(hits: dict[UUID, Hit], visible: QuerySet[Doctor], words: list[str], *, is_bounded: bool) -> None:
    """Gather hits. `is_bounded` says that these may be few enough to be looked through one by one."""
    places = Places()
    for word, others in _each(words):
        _keep(hits, _narrowed(_by_word(visible, word, others, places), others))
    if words and (len(words) == 1 or not hits):
        _keep(hits, _by_place(visible, words, places))
    if not hits or _may_be_a_slip(hits, words):
        for word, others in _each(words):
            _keep(hits, _narrowed(_by_slip(visible, word, others, places, is_bounded=is_bounded), others))
    if not hits:
        for word, others in _each(words):
            _keep(hits, _by_slip_in_place(visible, word, others))


def _may_be_a_slip(hits: dict[UUID, Hit], words: list[str]) -> bool:
    """Return whether a long word of letters found few, and none whose whole reading it is: it may mean another."""
    is_long = len(words) == 1 and words[0].isascii() and len(words[0]) > LONGEST_INITIALS
    return is_long and len(hits) < FEW and all(hit.score < WHOLE_READING for hit in hits.values())


def _each(words: list[str]) -> Iterable[tuple[str, list[str]]]:
    return ((word, words[:place] + words[place + 1 :]) for place, word in enumerate(words))


def search_hospitals(text: str, limit: int = 20) -> list[Hospital]:
    """Return hospitals whose name or alias holds what was typed; shorter names first. Cost: two queries."""
    word = "".join(matching.fold_query(text))
    if not word:
        return []
    keys = hospital_ids_like(word)
    found = Hospital.objects.filter(pk__in=keys).select_related("division")
    return sorted(found, key=lambda one: (not one.name.startswith(word), len(one.name), one.name))[:limit]


def _by_merged(visible: QuerySet[Doctor], word: str, others: list[str]) -> Iterable[Hit]:
    """Lead from the whole name of a record that was merged away to the record kept. Cost: one query, three where found."""
    merged = Doctor.objects.filter(merged_into__isnull=False)
    if matching.has_han(word):
        pieces = [one for one in grams(word) if len(one) == 2] or list(grams(word))
        named = merged.filter(identity__keys__contains=pieces, identity__name=word)
    else:
        letters = "".join(char for char in word if char.isascii() and char.isalpha())
        if len(letters) < SHORTEST_SOUND:
            return
        named = merged.annotate(heard=Replace("identity__sort_key", Value(" "))).filter(heard=letters)
    names = dict(named.values_list("pk", "identity__name")[:MOST_CANDIDATES])
    if not names:
        return
    kept: dict[UUID, str] = {}
    for key, root in sorted(canonical_ids(names).items()):
        kept.setdefault(root, names[key])
    for one in _candidates(_placed(visible.filter(pk__in=kept), others, Places())):
        if one.card.name != kept[one.card.id]:
            yield _hit(one, _("%(name)s was merged into this record") % {"name": kept[one.card.id]}, 90)


def _by_word(visible: QuerySet[Doctor], word: str, others: list[str], places: Places) -> Iterable[Hit]:
    if matching.has_han(word):
        return _by_characters(visible, word, others, places)
    letters = "".join(char for char in word if char.isascii() and char.isalpha())
    return _by_letters(visible, letters, others, places) if letters else []


def _by_characters(visible: QuerySet[Doctor], word: str, others: list[str], places: Places) -> Iterable[Hit]:
    characters = "".join(char for char in word if matching.has_han(char))
    if characters != word:
        yield from _by_mix(visible, word, characters, others, places)
        return
    pieces = grams(characters)
    wanted = list(pieces) if len(characters) == 1 else [one for one in pieces if len(one) == 2]
    for one in _candidates(_placed(visible.filter(identity__keys__contains=wanted), others, places)):
        name = one.card.name.lower().replace("·", "")
        if name == word:
            yield _hit(one, _("Name"), 100)
        elif name.startswith(word):
            yield _hit(one, _("Name"), 80)
        elif word in name:
            yield _hit(one, _("Name"), 60)


def _by_mix(
    visible: QuerySet[Doctor], word: str, characters: str, others: list[str], places: Places
) -> Iterable[Hit]:
    readings = read_name(characters).readings
    keys = [f"^{one}" for reading in readings for one in matching.initials_of_mixed(word, reading)]
    close = visible.filter(
        identity__keys__contains=list(dict.fromkeys(characters)), identity__keys__overlap=keys
    )
    for one in _candidates(_placed(close, others, places)):
        name = one.card.name.lower()
        if any(matching.mixed_fits(word, name, reading) for reading in one.readings):
            is_whole = any(len(key) - 1 == len(one.sort_key.split()) for key in keys)
            yield _hit(one, _("Name and pinyin"), 74 if is_whole else 70)


def _by_letters(visible: QuerySet[Doctor], letters: str, others: list[str], places: Places) -> Iterable[Hit]:
    """Find a whole reading first: its beginnings, such as initials, fit many more than can be looked through."""
    whole = list(_reading_fits(_candidates(_placed(_remaining(visible, [letters]), others, places)), letters))
    yield from whole
    if whole and len(letters) > LONGEST_INITIALS:
        return
    keys = [f"^{initials}" for initials in matching.initials_of_query(letters)] + [f"={letters[:22]}"]
    close = visible.filter(identity__keys__overlap=keys)
    yield from _reading_fits(_candidates(_placed(close, others, places)), letters)


def _reading_fits(candidates: Iterable[Candidate], letters: str) -> Iterable[Hit]:
    for one in candidates:
        for reading in one.readings:
            joined = reading.replace(" ", "")
            initials = "".join(syllable[0] for syllable in reading.split())
            if joined == letters or letters in reading.split():
                yield _hit(one, _("Pinyin"), WHOLE_READING)
            elif initials == letters:
                yield _hit(one, _("Initials"), 75)
            elif joined.startswith(letters):
                yield _hit(one, _("Pinyin"), 72)
            elif matching.reads_as(letters, reading):
                yield _hit(one, _("Pinyin and initials"), 65)
            else:
                continue
            break


def _remaining(visible: QuerySet[Doctor], texts: list[str]) -> QuerySet[Doctor]:
    """Narrow to doctors one of whose readings is, or lacking one letter is, one of the texts."""
    holds = "pharmacrm_slips(doctors_doctoridentity.readings) && %s::text[]"
    return visible.filter(RawSQL(holds, [texts], BooleanField()), identity__isnull=False)  # noqa: S611


def _owners(own: QuerySet[Assignment] | None, digits: str) -> list[UUID]:
    """Return the keys of the doctors, among a person's own where these are said, whose phone number ends in these digits.

    A tail is shared by hundreds all over the country. It is met with one's own doctors in the two indexes that hold
    both, before anybody's row is read: rows lie scattered, and each is a page from the disk. Who of them may be seen is
    for the caller to ask. Cost: one query, two where more than a tail was typed.
    """
    points = ContactPoint.objects.filter(kind__in=PHONE_KINDS, is_active=True)
    if own is not None:
        points = points.filter(doctor_id__in=own)
    if len(digits) == WHOLE_MOBILE:
        points = points.filter(whole_index=blind_index(digits, purpose="contact"))
        return list(points.values_list("doctor_id", flat=True)[:MOST_IN_A_PLACE])
    tail = blind_index(digits[-SHORTEST_PHONE:], purpose="phone-tail")
    keys = list(points.filter(tail_index=tail).values_list("doctor_id", flat=True)[:MOST_IN_A_PLACE])
    if len(digits) == SHORTEST_PHONE or not keys:
        return keys
    ending = ContactPoint.objects.filter(
        kind__in=PHONE_KINDS, is_active=True, tail_index=tail, doctor_id__in=keys
    )
    sealed = ending.values_list("doctor_id", "sealed", "doctor__identity__wrapped_key")
    return [pk for pk, text in open_texts(sealed) if text.replace("-", "").endswith(digits)]


def _by_place(visible: QuerySet[Doctor], words: list[str], places: Places) -> Iterable[Hit]:
    placed = visible
    for word in words:
        if len(word) < 2:
            return []
        placed = placed.filter(places.of(word))
    found: list[Candidate] = []
    for tiers in TIERS_IN_ORDER:
        if len(found) < MOST_OF_A_PLACE:
            of_tier = placed.filter(tier__in=tiers).order_by("pk")
            found += _candidates(of_tier, most=MOST_OF_A_PLACE - len(found))
    return [_hit(one, _("Hospital or department"), 30) for one in found]


def _by_slip(
    visible: QuerySet[Doctor], word: str, others: list[str], places: Places, *, is_bounded: bool
) -> Iterable[Hit]:
    if not word.isalpha():
        return
    if any(len(other) >= 2 and matching.has_han(other) for other in others):
        visible, is_bounded = _placed(visible, others, places), True
    everybody = _candidates(visible, most=MOST_IN_A_PLACE) if is_bounded else []
    if is_bounded and len(everybody) < MOST_IN_A_PLACE:
        yield from (hit for one in everybody for hit in _slipped(one, word))
    elif not matching.has_han(word):
        for texts in ([word], matching.remainders(word)):  # first whose reading lacks a letter: they are few
            for one in _candidates(_remaining(visible, texts)):
                yield from _slipped(one, word)
    else:
        for one in _candidates(visible.filter(identity__sort_key=read_name(word).sort_key)):
            yield from _slipped(one, word)
        for one in _candidates(_nearly_called(visible, word)) if len(word) > 2 else ():
            yield from _slipped(one, word)


def _nearly_called(visible: QuerySet[Doctor], word: str) -> QuerySet[Doctor]:
    """Narrow to doctors whose name is the word but for one character, wherever that is."""
    shapes = list(dict.fromkeys(shape for place in range(len(word) + 1) for shape in _shapes(word, place)))
    rest = [list(dict.fromkeys(word[:place] + word[place + 1 :])) for place in range(len(word))]
    holds = " OR ".join(["doctors_doctoridentity.keys @> %s::varchar[]"] * len(rest))
    called = f"doctors_doctoridentity.name LIKE ANY(%s) AND ({holds})"
    return visible.filter(RawSQL(called, [shapes, *rest], BooleanField()), identity__isnull=False)  # noqa: S611


def _shapes(word: str, place: int) -> tuple[str, ...]:
    """Return patterns of the word with the character at a place wrong, left out, added or swapped with the next."""
    before, after = word[:place], word[place + 1 :]
    swapped = before + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]
    return f"{before}_{after}", f"{before}_{word[place:]}", before + after, swapped


def _slipped(one: Candidate, word: str) -> Iterable[Hit]:
    """Yield the hit of a doctor whose name one slip parts from a word."""
    if not matching.has_han(word):
        readings = [reading.replace(" ", "") for reading in one.readings]
        if any(matching.is_hasty_slip(word, reading) for reading in readings):
            yield _hit(one, _("Similar pinyin"), 49)
        elif any(matching.is_one_slip_away(word, reading) for reading in readings):
            yield _hit(one, _("Similar pinyin"), 45)
    elif read_name(word).sort_key == one.sort_key:
        is_near = matching.is_one_slip_away(word, one.card.name)
        yield _hit(one, _("Sounds the same"), 55 if is_near else 50)
    elif matching.is_one_slip_away(word, one.card.name):
        yield _hit(one, _("Similar name"), 45)


def _by_slip_in_place(visible: QuerySet[Doctor], word: str, others: list[str]) -> Iterable[Hit]:
    """Take a word for the name and the others for the hospital, one character of which is wrong."""
    for other in others:
        hospitals = hospital_ids_one_slip_from(other) if matching.has_han(other) else []
        for one in (
            _candidates(visible.filter(hospital_id__in=hospitals), most=MOST_IN_A_PLACE) if hospitals else ()
        ):
            if _name_fits(one, word):
                yield _hit(one, _("Similar hospital"), 40)


def _name_fits(one: Candidate, word: str) -> bool:
    name = one.card.name.lower().replace("·", "")
    if not matching.has_han(word):
        return any(matching.reads_as(word, reading) for reading in one.readings)
    return word in name or any(matching.mixed_fits(word, name, reading) for reading in one.readings)


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


def _candidates(doctors: QuerySet[Doctor], most: int = MOST_CANDIDATES) -> list[Candidate]:
    rows = doctors.values(*CARD_FIELDS, "identity__readings", "identity__sort_key")[:most]
    return [
        Candidate(card_of_row(row), tuple(row["identity__readings"] or ()), row["identity__sort_key"] or "")
        for row in rows
    ]


def _hit(one: Candidate, why: str, score: int) -> Hit:
    return Hit(one.card, why, score + TIER_BONUS[one.card.tier])


def _keep(hits: dict[UUID, Hit], found: Iterable[Hit]) -> None:
    for hit in found:
        if hit.card.id not in hits or hits[hit.card.id].score < hit.score:
            hits[hit.card.id] = hit
