"""Names are read the way people say them."""

import pytest
from pypinyin import Style, pinyin

from doctors.rules.names import clean_name, read_name


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单文静", "shan wen jing"),
        ("曾国华", "zeng guo hua"),
        ("解晓东", "xie xiao dong"),
        ("仇英", "qiu ying"),
        ("区伟强", "ou wei qiang"),
        ("盖丽丽", "ge li li"),
        ("查良", "zha liang"),
        ("尉迟敬", "yu chi jing"),
        ("万俟明", "mo qi ming"),
        ("欧阳娜", "ou yang na"),
        ("吕布", "lv bu"),
        ("任重", "ren zhong"),
    ],
)
def test_a_surname_is_read_as_a_surname(name, reading):
    assert read_name(name).sort_key == reading


def test_every_reading_of_a_character_is_kept():
    assert "le jia" in read_name("乐嘉").readings
    assert "yue jia" in read_name("乐嘉").readings


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("　王　小明 ", "王小明"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 ・ 艾力", "买买提·艾力"),
        ("ＪＯＨＮ  Smith", "JOHN Smith"),
    ],
)
def test_a_name_has_one_spelling(raw, name):
    assert clean_name(raw) == name


def test_grams_and_initials_are_the_keys_to_find_a_name_by():
    assert {"张", "张伟", "伟明", "^z", "^zw", "^zwm"} <= set(read_name("张伟明").keys)


def test_a_latin_name_is_found_by_its_words():
    assert {"=smith", "=john", "^js"} <= set(read_name("John Smith").keys)


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("王重庆", "wang chong qing"),
        ("王长春", "wang chang chun"),
        ("李伟重", "li wei zhong"),
    ],
)
def test_a_known_phrase_in_a_name_is_read_as_a_phrase(name, reading):
    assert read_name(name).sort_key == reading


@pytest.mark.parametrize("name", ["王重庆", "曾国藩", "张长弓", "李乐行", "刘重光", "欧阳朝阳", "解重行"])
def test_characters_kept_one_by_one_read_as_in_the_whole_name(name):
    rest = name[2:] if name.startswith("欧阳") else name[1:]
    usual = [one[0] for one in pinyin(rest, style=Style.NORMAL, v_to_u=False)]

    assert read_name(name).sort_key.split()[-len(rest) :] == usual
