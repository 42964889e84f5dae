"""The most specific answer decides, the newest of a cell holds, never wins always."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from doctors.rules.consents import Answer, resolve

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
