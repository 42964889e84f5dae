"""The demonstration's papers, lists and exceptions hold together, so that no page about them stands empty."""

from doctors.choices import GuidelineRole, PostLevel
from doctors.rules.levels import read_level
from pharmacrm.runtime.demo import records


def test_no_two_doctors_have_one_place_among_the_authors_and_none_stands_behind_the_last():
    for title, _journal, _years, authors, written_by in records.PAPERS:
        positions = [position for _rep, _place, position in written_by]
        doctors = [(rep, place) for rep, place, _position in written_by]
        assert len(set(positions)) == len(positions), title
        assert len(set(doctors)) == len(doctors), title
        assert max(positions) <= authors, title


def test_a_doctor_has_papers_with_another_so_that_relations_show_co_authors():
    together = [written_by for *_words, written_by in records.PAPERS if len(written_by) > 1]

    assert len(together) >= 3


def test_guidelines_name_parts_and_reaches_that_there_are():
    assert {work[5] for work in records.GUIDELINES} <= set(GuidelineRole)
    assert {work[6] for work in records.GUIDELINES} <= set(PostLevel)


def test_the_list_of_members_holds_levels_nobody_knows_one_of_them_twice_and_one_that_is_known():
    unknown = [level for _name, level, _kind in records.MEMBERS if read_level(level) is None]

    assert 0 < len(set(unknown)) < len(unknown) < len(records.MEMBERS)
