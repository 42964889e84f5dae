"""Cells read together say what each says alone: nothing is missed, nothing is added. Promise C8."""

from pathlib import Path

import pytest

from compliance.rules import CellScan, scan_text

HERE = Path(__file__).parent / "guard"
TEXTS = sorted(
    {
        line.rsplit("|", 1)[-1]
        for name in ("disguised.txt", "innocent.txt", "more_disguises.txt", "more_ordinary.txt")
        for line in (HERE / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
)
ALONE = {text: found for text in TEXTS if (found := scan_text(text))}
PLAIN = ["湖滨医院", "王晓明", "H00001", "13900000000", "心内科", "", "2026-11-21", "心律失常"]


def test_all_together_say_what_each_says_alone():
    assert len(ALONE) > 150
    assert CellScan().findings(TEXTS) == ALONE


def test_each_among_plain_cells_says_what_it_says_alone_and_is_not_taken_for_clean_later():
    scan = CellScan()
    for text in TEXTS:
        alone = {text: ALONE[text]} if text in ALONE else {}
        assert scan.findings([*PLAIN, text, *PLAIN]) == alone
        assert scan.findings([text]) == alone


@pytest.mark.parametrize(
    "texts",
    [
        ["统", "方"],
        ["王主任每月", "开30盒"],
        ["tong", "fang"],
        ["患者", "张三"],
        ["处方", "量"],
    ],
)
def test_what_two_cells_say_only_together_is_said_by_neither(texts):
    assert CellScan().findings(texts) == {}


@pytest.mark.parametrize(
    "number", ["330106198001011239", "11010119900307123X", "3301061980****12", "患者电话13812345678"]
)
def test_a_number_like_many_others_is_still_read_for_what_it_is(number):
    scan = CellScan()
    scan.findings(["330106110001011239"[:13], "患者电话", "33010619"])

    assert set(scan.findings([number, "王晓明"])) == {number}


def test_places_called_after_liquor_are_no_gift():
    assert CellScan().findings(["仁怀市茅台镇卫生院", "茅台医院", "宜宾五粮液医院"]) == {}
    assert CellScan().findings(["送茅台两瓶"])
