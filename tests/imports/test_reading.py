"""Whatever people bring is read as rows of text, or it is said what it is and what to do."""

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharmacrm.imports.reading import (
    FileNotReadable,
    find_header,
    formulas_of,
    guess_mapping,
    open_table,
    rows_of,
)
from pharmacrm.imports.reading.texts import detect_delimiter
from pharmacrm.imports.registry import kind_of
from tests.factories.imports import text_table, workbook

ROWS = [
    ["医院名称", "等级", "地址"],
    ["湖滨医院", "三甲", "杭州市西湖区1号"],
    ["江口医院", "二级", "杭州市上城区2号"],
]


@pytest.fixture
def opened(tmp_path):
    def open_bytes(content, name="file", **choice):
        path = tmp_path / name
        path.write_bytes(content)
        return open_table(path, name=name, **choice)

    return open_bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_text_table_is_read_in_any_encoding_with_any_separator(opened, encoding, mark):
    table = opened(text_table(ROWS, encoding=encoding, mark=mark))

    assert [cells for _number, cells in rows_of(table)] == ROWS


def test_a_traditional_chinese_table_is_read(opened):
    rows = [["姓名", "醫院"], ["陳國華", "臺北醫院"]]

    assert [cells for _n, cells in rows_of(opened(text_table(rows, encoding="big5")))] == rows


def test_a_mixture_of_two_encodings_is_refused_with_its_line(opened):
    head = text_table([ROWS[0], *[ROWS[1]] * 20])

    with pytest.raises(FileNotReadable) as refusal:
        opened(head + text_table([ROWS[2]], encoding="gb18030"))

    assert refusal.value.code == "mixed_encoding"
    assert "22" in refusal.value.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"%PDF-1.7 ...", "not_a_spreadsheet"),
        (b"\x89PNG\r\n", "not_a_spreadsheet"),
        (b"MZ\x90\x00", "not_a_spreadsheet"),
        (b"ab\x00cd\x00", "not_a_spreadsheet"),
        (b"<html><table><tr><td>1</td></tr></table>", "markup"),
        ("\ufeff<!DOCTYPE html>".encode(), "markup"),
        (b"<?xml version='1.0'?><x/>", "markup"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
    ],
)
def test_what_is_no_table_is_named(opened, content, code):
    with pytest.raises(FileNotReadable) as refusal:
        opened(content, "x.xlsx")

    assert refusal.value.code == code
    assert refusal.value.message


def test_a_workbook_with_a_password_asks_for_one_without(opened):
    name = "EncryptedPackage".encode("utf-16-le")

    with pytest.raises(FileNotReadable) as refusal:
        opened(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + name + b"\x00" * 200)

    assert refusal.value.code == "password"


def test_an_archive_without_a_workbook_is_refused(opened, tmp_path):
    place = tmp_path / "a.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(FileNotReadable) as refusal:
        opened(place.read_bytes(), "b.zip")

    assert refusal.value.code == "not_a_spreadsheet"


def test_an_unclosed_quotation_mark_ends_in_words_and_not_in_a_crash(opened, monkeypatch):
    table = opened(b'name,level\n"a,b\n' + b"x,y\n" * 400_000)

    with pytest.raises(FileNotReadable) as refusal:
        list(rows_of(table))

    assert refusal.value.code == "broken_text"


def test_numbers_and_days_of_a_workbook_are_read_as_people_see_them(opened):
    table = opened(workbook([["a", "b", "c"], [12, 1.5, True]]))

    assert list(rows_of(table)) == [(1, ["a", "b", "c"]), (2, ["12", "1.5", "TRUE"])]


def test_rows_keep_the_number_they_have_in_the_sheet(opened):
    table = opened(workbook([[], [], ["医院名称", "等级"], [], ["湖滨医院", "三甲"]]))

    assert [number for number, _cells in rows_of(table)] == [3, 5]


def test_formula_cells_are_found(opened):
    table = opened(workbook(ROWS, formulas=[(1, 1, "=A1", "三甲"), (2, 2, "=SUM(1,2)", 3)]))

    assert formulas_of(table) == {(2, 1), (3, 2)}


def test_the_header_is_found_under_a_merged_title(opened):
    table = opened(workbook([[], [], *ROWS], merges=[(0, 0, 0, 2, "2026年度医院名单（内部）")]))

    header = find_header(table, kind_of("hospital"))

    assert (header.row, header.texts[:3]) == (3, tuple(ROWS[0]))
    assert guess_mapping(kind_of("hospital"), header) == {"name": 0, "level": 1, "address": 2}


def test_a_header_of_two_merged_rows_is_read_as_one(opened):
    rows = [["医院名称", "等级", "", ""], ["", "", "省", "市"], ["湖滨医院", "三甲", "浙江", "杭州"]]
    table = opened(workbook(rows, merges=[(0, 2, 0, 3, "所在地")]))

    header = find_header(table, kind_of("hospital"))

    assert (header.row, header.height) == (1, 2)
    assert guess_mapping(kind_of("hospital"), header) == {"name": 0, "level": 1, "province": 2, "city": 3}


@pytest.mark.parametrize(
    ("headers", "mapping"),
    [
        (["姓名", "所在医院", "科室", "职称", "手机号"], ["name", "hospital", "department", "title", "mobile"]),
        (["医生姓名(必填)", "单位", "诊疗科目", "专业技术职称"], ["name", "hospital", "department", "title"]),
        (["NPI", "Provider Last Name", "Provider First Name", "pri_spec"],
         ["code", "last_name", "first_name", "specialty"]),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_names(opened, headers, mapping):
    table = opened(text_table([headers, ["x"] * len(headers)]))
    kind = kind_of("doctor")

    guessed = guess_mapping(kind, find_header(table, kind))

    assert guessed == {name: place for place, name in enumerate(mapping)}


def test_a_header_that_only_resembles_a_name_is_left_alone(opened):
    table = opened(text_table([["NPI", "Provider Other Last Name", "Postal Code"], ["1", "x", "2"]]))
    kind = kind_of("doctor")

    assert guess_mapping(kind, find_header(table, kind)) == {"code": 0}


cell = st.text(
    st.characters(
        codec="gb18030", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"], exclude_characters='"'
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=12), st.sampled_from(["utf-8", "gb18030"]))
def test_what_was_written_is_read_again(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    content = [["姓名名称", "医院名称", "科室名称"], *map(list, rows)]
    path.write_bytes(text_table(content, encoding=encoding))

    table = open_table(path, name="t.csv", encoding=encoding, delimiter=",")

    assert [cells for _n, cells in rows_of(table)] == [[c.strip() for c in cells] for cells in content]


def test_rows_that_agree_on_their_tabs_are_parted_by_them_whatever_their_cells_hold():
    rows = "".join(f"{n}.jpg\t51,47,{n}\t87,88,{n}\n" for n in range(30))

    assert detect_delimiter(rows) == "\t"
    assert detect_delimiter("a,b\tc\nd,e\nf,g\n") == ","
