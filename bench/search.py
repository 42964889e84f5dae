"""S5: doctors found the way people type, among all by those who see all, and among their own by representatives.

Whoever searches among a million says where, too: by the hospital's nickname. Words that fit more than five doctors
equally well are not asked: no order of five can be right about them. A doctor of the same name and hospital counts.
A slip in a name with nothing else typed is asked of all a hundred times and more, and what any order could reach is
said beside what is reached; it holds by those words that at most five names explain.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from bench import load
from bench.measure import Figure, Measure, percentile, spent
from doctors.models import Assignment, ContactPoint, DoctorIdentity, HospitalAlias
from doctors.rules.matching import is_hasty_slip, is_one_slip_away
from doctors.rules.names import read_name
from doctors.selectors import Hit, search_doctors
from doctors.selectors.cards import DoctorCard
from doctors.selectors.privacy import open_text
from pharmacrm.accounts.models import User

SAMPLE = 60
SLIPS = 200
FIRST = 5
HOLDS = "pharmacrm_slips(doctors_doctoridentity.readings) @> %s::text[]"
OTHER_LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER_CHARACTERS = "伟芳娜敏静丽强磊军洋"


@dataclass(frozen=True)
class Target:
    """A doctor to be found."""

    id: object
    name: str
    syllables: tuple[str, ...]
    hospital: str
    nickname: str
    phone: str

    @property
    def initials(self) -> str:
        return "".join(one[0] for one in self.syllables)

    @property
    def pinyin(self) -> str:
        return "".join(self.syllables)


Style = Callable[[Target, random.Random], str]
STYLES: dict[str, Style] = {
    "name": lambda one, _dice: one.name,
    "pinyin": lambda one, _dice: one.pinyin,
    "initials": lambda one, _dice: one.initials,
    "mixed": lambda one, _dice: one.name[0] + "".join(part[0] for part in one.syllables[1:]),
    "phone tail": lambda one, _dice: one.phone[-4:],
    "a slip in the pinyin": lambda one, dice: slip(one.pinyin, OTHER_LETTERS, dice),
    "a slip in the name": lambda one, dice: slip(one.name, OTHER_CHARACTERS, dice, first=1),
}


def slip(word: str, letters: str, dice: random.Random, *, first: int = 0) -> str:
    """Return a word with one letter wrong, missing, added or swapped. A name of two characters gets a wrong one."""
    place = dice.randrange(first, len(word))
    other = dice.choice([letter for letter in letters if letter != word[place]])
    wrong = word[:place] + other + word[place + 1 :]
    if len(word) < 4:
        return wrong
    missing, added = word[:place] + word[place + 1 :], word[:place] + other + word[place:]
    swapped = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] if place else missing
    return dice.choice([wrong, missing, added, swapped])


def search() -> dict[str, Figure]:
    load.ready()
    on = timezone.localdate()
    steward, rep = load.person("bench_steward", "steward"), load.rep()
    own = _targets_of(rep)
    figures = {}
    for name, style in STYLES.items():
        if name != "phone tail":
            asked = _asked(
                name, _targets(), lambda one, dice, style=style: f"{style(one, dice)} {one.nickname}", 7
            )
            figures[f"among all: {name} and hospital nickname"] = _figure(steward, asked, on)
        figures[f"among a rep's own: {name}"] = _figure(
            rep, _asked(name, iter(own * 3), style, 8, among=own), on
        )
    whole = {
        "rare whole name": lambda one, _dice: one.name,
        "whole pinyin": lambda one, _dice: one.pinyin,
        "name and phone tail": lambda one, _dice: f"{one.name} {one.phone[-4:]}",
        "last eight digits of a phone": lambda one, _dice: one.phone[-8:],
    }
    for name, style in whole.items():
        asked = _asked(name, _targets(rare="phone" not in name), style, 9)
        figures[f"among all: {name}"] = _figure(steward, asked, on)
    bare = {
        "rare name, a slip in the pinyin": (STYLES["a slip in the pinyin"], _wrong_letter),
        "rare name, a slip in it": (STYLES["a slip in the name"], _wrong_character),
        "rare name, another character of the same sound": (_same_sound(), _wrong_of_a_sound),
    }
    for name, (style, likelihood) in bare.items():
        asked = _asked(name, _targets(rare=True), style, 9, most=SLIPS)
        figures[f"among all: {name} (by name)"] = _figure_by_name(steward, asked, on, likelihood)
    return figures


def _same_sound() -> Style:
    """Return the slip of whoever types pinyin and takes the wrong character of the list: it sounds the same."""
    sounds: dict[str, set[str]] = {}
    for identity in DoctorIdentity.objects.order_by("pk")[:5000]:
        syllables = identity.sort_key.split()
        if len(syllables) == len(identity.name):
            for character, syllable in list(zip(identity.name, syllables, strict=True))[1:]:
                sounds.setdefault(syllable, set()).add(character)

    def style(one: Target, dice: random.Random) -> str:
        places = [
            place
            for place in range(1, len(one.name))
            if len(one.syllables) == len(one.name)
            and sounds.get(one.syllables[place], set()) - {one.name[place]}
        ]
        if not places:
            return one.name
        place = dice.choice(places)
        other = dice.choice(sorted(sounds[one.syllables[place]] - {one.name[place]}))
        return one.name[:place] + other + one.name[place + 1 :]

    return style


@dataclass(frozen=True)
class Answer:
    """What one search gave: its time, its processor time, and whether the one meant is among the first five."""

    wall: float
    cpu: float
    cards: list[DoctorCard]


def _answer(user: User, text: str, on: date) -> Answer:
    found: list[list[Hit]] = []
    taken = spent(lambda: found.append(search_doctors(user, text, on)))
    return Answer(1000 * taken.wall, 1000 * taken.cpu, [hit.card for hit in found[0]])


def _figure(user: User, asked: list[tuple[Target, str]], on: date) -> Figure:
    answers, right, missed = [], 0, ""
    for one, text in asked:
        answers.append(_answer(user, text, on))
        is_right = any(
            card.id == one.id or (card.name == one.name and card.hospital == one.hospital)
            for card in answers[-1].cards[:FIRST]
        )
        right += is_right
        missed = missed if is_right else f", missed “{text}” for {one.name}"
    share = right / len(asked)
    p95, times = _times(answers)
    note = f"right one in the first five: {share:.1%}, {times}{missed}"
    return Figure(p95, "ms p95", len(asked), holds=p95 <= 100 and share >= 0.99, note=note)


def _times(answers: list[Answer]) -> tuple[float, str]:
    walls = [one.wall for one in answers]
    worked = percentile([one.cpu for one in answers], 95)
    return percentile(
        walls, 95
    ), f"median {percentile(walls, 50):.0f} ms, p95 {worked:.0f} ms of processor time"


def _figure_by_name(
    user: User, asked: list[tuple[Target, str]], on: date, likelihood: Callable[[str, str], int]
) -> Figure:
    """Ask all; the name meant has to be among the first five names, whoever bears it.

    The best that any order can expect of a word: that the name meant is among the five likeliest that explain it.
    Where no word is explained by so few, nothing is promised.
    """
    answers, right, right_of_few, few, best, missed = [], 0, 0, 0, 0.0, ""
    for one, text in asked:
        answers.append(_answer(user, text, on))
        is_right = one.name in list(dict.fromkeys(card.name for card in answers[-1].cards))[:FIRST]
        names = {hit.card.name for hit in search_doctors(user, text, on, limit=1000)} | {one.name}
        weights = [likelihood(text, name) or int(name == one.name) for name in names]
        weights = [weight for weight in weights if weight]
        right += is_right
        best += sum(sorted(weights, reverse=True)[:FIRST]) / sum(weights)
        if len(weights) <= FIRST:
            few += 1
            right_of_few += is_right
        missed = missed if is_right else f", missed “{text}” for {one.name}"
    p95, times = _times(answers)
    share, best = right / len(asked), best / len(asked)
    note = (
        f"right name in the first five: {share:.1%} of all, where no order can expect more than {best:.1%};"
        f" {right_of_few} of the {few} that at most five names explain; {times}{missed}"
    )
    is_found = share >= 0.99 or (right_of_few >= 0.99 * few if few else None)
    holds = is_found if p95 <= 100 else False
    return Figure(p95, "ms p95", len(asked), holds=holds, note=note)


def _wrong_letter(text: str, name: str) -> int:
    """Return how likely a name is by a slip in its pinyin: a letter left out or two swapped, or any of 25 others."""
    readings = [reading.replace(" ", "") for reading in read_name(name).readings]
    if any(is_hasty_slip(text, reading) for reading in readings):
        return len(OTHER_LETTERS) - 1
    return int(any(is_one_slip_away(text, reading) for reading in readings))


def _wrong_character(text: str, name: str) -> int:
    return int(is_one_slip_away(text, name))


def _wrong_of_a_sound(text: str, name: str) -> int:
    return int(is_one_slip_away(text, name) and read_name(text).sort_key == read_name(name).sort_key)


def _asked(
    name: str,
    targets: Iterator[Target],
    style: Style,
    seed: int,
    *,
    among: list[Target] | None = None,
    most: int = SAMPLE,
) -> list[tuple[Target, str]]:
    dice, asked = random.Random(seed), []
    for one in targets:
        text = style(one, dice)
        if "same sound" in name and text == one.name:
            continue  # no other character of the sample sounds like one of the name
        if among is not None and sum(_fits(other, one) for other in among) > FIRST:
            continue
        if ("slip" in name or "same sound" in name) and _is_somebodys(text, one):
            continue
        asked.append((one, text))
        if len(asked) == most:
            break
    return asked


def _is_somebodys(text: str, one: Target) -> bool:
    """Return whether a slip made another's name or reading: it is rightly that one who is found."""
    word = text.split(" ")[0]
    fits = RawSQL(HOLDS, [[word]], BooleanField())
    others = DoctorIdentity.objects.exclude(name=one.name)
    if others.filter(name=word).exists():
        return True
    return (
        word.isascii()
        and word != one.pinyin
        and any(
            word == reading.replace(" ", "")
            for other in others.filter(fits)[:200]
            for reading in other.readings
        )
    )


def _fits(other: Target, one: Target) -> bool:
    return other.initials == one.initials or other.phone[-4:] == one.phone[-4:]


def _targets(*, rare: bool = False) -> Iterator[Target]:
    """Yield doctors drawn from all; with `rare` only those whose reading at most five have."""
    dice = random.Random(5)
    while True:
        identity = _identity_at(random_key(dice))
        if identity is None:
            continue
        if rare and (len(identity.name) != 3 or _alike(identity) > FIRST):
            continue
        target = _target(identity)
        if _fit_as_well(target) <= FIRST:
            yield target


def _alike(identity: DoctorIdentity) -> int:
    """Count those who read the same, up to some more than five."""
    fits = RawSQL(HOLDS, [[identity.sort_key.replace(" ", "")]], BooleanField())
    readings = DoctorIdentity.objects.filter(fits).values_list("readings", flat=True)[:100]
    return sum(identity.sort_key in others for others in readings)


def random_key(dice: random.Random) -> int:
    """Return a place among the codes of the invented doctors."""
    return dice.randrange(load.DOCTORS)


def _identity_at(place: int) -> DoctorIdentity | None:
    rows = DoctorIdentity.objects.select_related("doctor__hospital")
    return rows.filter(doctor__code=f"S{place:08d}").first()


def _fit_as_well(one: Target) -> int:
    """Count the doctors of the hospitals of that nickname who have the same initials."""
    hospitals = HospitalAlias.objects.filter(name=one.nickname).values("hospital_id")
    rivals = DoctorIdentity.objects.filter(
        doctor__hospital__in=hospitals, keys__contains=[f"^{one.initials}"]
    )
    return rivals.count()


def _targets_of(user: User) -> list[Target]:
    territory = user.memberships.get().territory_id
    keys = Assignment.objects.filter(territory_id=territory).values("doctor_id")
    rows = DoctorIdentity.objects.filter(doctor_id__in=keys).select_related("doctor__hospital")
    found = [_target(one) for one in rows]
    random.Random(3).shuffle(found)
    return found


def _target(identity: DoctorIdentity) -> Target:
    hospital = identity.doctor.hospital
    point = ContactPoint.objects.filter(doctor_id=identity.pk, kind="mobile").first()
    nickname = HospitalAlias.objects.filter(hospital=hospital).values_list("name", flat=True).first()
    return Target(
        id=identity.pk,
        name=identity.name,
        syllables=tuple(read_name(identity.name).sort_key.split()),
        hospital=hospital.name,
        nickname=nickname or hospital.name,
        phone=open_text(identity.pk, point.sealed) if point else "",
    )


MEASURES = [Measure("S5", "doctor search", search)]
