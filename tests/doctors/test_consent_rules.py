"""The most specific answer decides, the newest of a cell holds, never wins always."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from doctors.rules.consents import STOPPED, Answer, narrower_given, resolve

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ASK = {"channel": "sms", "purpose": "news", "product": "P1", "at": AT}


def answer(state, channel="", purpose="", product="", days_ago=10, until=None):
    moment = AT - timedelta(days=days_ago)
    return Answer(f"{state}{days_ago}", channel, purpose, product, state, moment, until)


def test_without_any_answer_nothing_is_known():
    assert resolve([], **ASK).state == "none"


def test_the_newest_answer_of_a_cell_holds():
    assert resolve([answer("given"), answer("withdrawn", days_ago=1)], **ASK).state == "withdrawn"


def test_the_more_specific_cell_decides():
    assert resolve([answer("withdrawn"), answer("given", channel="sms")], **ASK).state == "given"


def test_between_equally_specific_cells_the_one_that_does_not_allow_decides():
    answers = [answer("given", channel="sms"), answer("refused", purpose="news")]

    assert resolve(answers, **ASK).state == "refused"


def test_a_given_consent_ends_on_its_day():
    assert resolve([answer("given", until=AT)], **ASK).state == "expired"


def test_an_answer_for_another_channel_says_nothing():
    assert resolve([answer("given", channel="email")], **ASK).state == "none"


def test_what_follows_a_never_is_only_a_new_yes():
    never = answer("never", days_ago=5)

    assert resolve([never, answer("withdrawn", days_ago=2)], **ASK).state == "never"
    assert resolve([never, answer("given", days_ago=2)], **ASK).state == "given"


def test_a_notice_changed_in_substance_makes_a_yes_lapse():
    old = replace(answer("given"), outdated_from=AT)

    assert resolve([old], **ASK).state == "outdated"
    assert resolve([replace(old, outdated_from=AT + timedelta(1))], **ASK).state == "given"


def test_a_withdrawal_reaches_the_consents_within_its_cell():
    answers = [answer("given", channel="sms", product="P1"), answer("given", channel="email")]

    assert narrower_given(answers, cell=("sms", "", ""), at=AT) == [("sms", "", "P1")]
    assert narrower_given(answers, cell=("", "", ""), at=AT) == [("email", "", ""), ("sms", "", "P1")]


cells = st.builds(
    answer,
    st.sampled_from(["given", "refused", "withdrawn"]),
    st.sampled_from(["", "sms", "email"]),
    st.sampled_from(["", "news", "profiling"]),
    st.sampled_from(["", "P1", "P2"]),
    st.integers(1, 400),
)


@given(st.lists(cells, max_size=8), st.randoms())
def test_never_wins_whatever_else_was_said_before(answers, random):
    everything = [*answers, answer("never", days_ago=0)]
    random.shuffle(everything)

    assert resolve(everything, **ASK).state == "never"


@given(st.lists(cells, max_size=8), st.randoms())
def test_the_order_of_the_rows_does_not_matter(answers, random):
    unique = {(a.channel, a.purpose, a.product, a.valid_from): a for a in answers}
    rows = list(unique.values())
    shuffled = rows[:]
    random.shuffle(shuffled)

    assert resolve(rows, **ASK).state == resolve(shuffled, **ASK).state


every_cell = st.tuples(
    st.sampled_from(["", "sms", "email"]),
    st.sampled_from(["", "news", "profiling"]),
    st.sampled_from(["", "P1", "P2"]),
)
with_never = st.builds(
    answer,
    st.sampled_from(["given", "refused", "withdrawn", "never"]),
    st.sampled_from(["", "sms", "email"]),
    st.sampled_from(["", "news", "profiling"]),
    st.sampled_from(["", "P1", "P2"]),
    st.integers(1, 400),
)


@given(st.lists(with_never, max_size=8), every_cell, st.sampled_from(["refused", "withdrawn", "never"]))
def test_a_no_opens_nothing_that_was_closed(answers, cell, state):
    unique = list({(a.cell, a.valid_from): a for a in answers}.values())
    before = resolve(unique, **ASK)

    after = resolve([*unique, answer(state, *cell, days_ago=0)], **ASK)

    assert before.is_given or not after.is_given


def test_where_a_yes_and_a_no_merely_cross_the_no_holds():
    yes = answer("given", "sms", "", "P1", days_ago=1)
    no = answer("withdrawn", "", "news", "", days_ago=2)

    crossed = resolve([yes, no], channel="sms", purpose="news", product="P1", at=AT)
    beside = resolve([yes, no], channel="sms", purpose="invitation", product="P1", at=AT)

    assert (crossed.state, beside.state) == ("withdrawn", "given")


def test_a_yes_within_the_cell_of_a_no_is_its_exception():
    no = answer("refused", "sms", "", "", days_ago=2)
    yes = answer("given", "sms", "news", "", days_ago=1)

    assert resolve([no, yes], channel="sms", purpose="news", at=AT).is_given


@given(st.lists(with_never, max_size=8), every_cell)
@example([answer("given", "", "", "", 1), answer("given", "sms", "", "P1", 1)], ("", "news", ""))
def test_after_a_withdrawal_with_all_it_reaches_nothing_in_its_cell_is_held(answers, cell):
    unique = list({(a.cell, a.valid_from): a for a in answers}.values())
    told = [
        answer("withdrawn", *one, days_ago=0) for one in [cell, *narrower_given(unique, cell=cell, at=AT)]
    ]
    channel, purpose, product = (own or any_ for own, any_ in zip(cell, ("sms", "news", "P1"), strict=True))

    held = resolve([*unique, *told], channel=channel, purpose=purpose, product=product, at=AT)

    assert not held.is_given


@given(st.lists(with_never, max_size=8))
def test_a_question_covered_by_a_live_never_is_never_given(answers):
    newest = {}
    for one in sorted(answers, key=lambda a: (a.valid_from, a.id)):
        newest[one.cell] = one
    covers = [
        a
        for a in newest.values()
        if a.state == "never"
        and all(
            own in ("", ASK[name])
            for own, name in zip(a.cell, ("channel", "purpose", "product"), strict=True)
        )
    ]

    if covers:
        assert resolve(answers, **ASK).state == "never"
        assert resolve(answers, **ASK).state in STOPPED
