"""Every column of a governed row, every fact and every figure is called something by a reader, in both languages."""

import dataclasses
import sys

import pytest
from django.utils import translation

from compliance.selectors.history import UNSHOWN
from compliance.selectors.versions import governed_models
from compliance.words.fields import field_words, guarded_words, in_chinese, value_words


def columns():
    return {field.name for model in governed_models() for field in model._meta.concrete_fields} - UNSHOWN


def facts():
    modules = [module for name, module in sys.modules.items() if name.endswith(".facts")]
    kinds = {one for module in modules for one in vars(module).values() if type(one) is type}
    return {
        field.name for kind in kinds if dataclasses.is_dataclass(kind) for field in dataclasses.fields(kind)
    }


@pytest.mark.parametrize("names", [columns, facts], ids=["columns", "facts"])
def test_each_is_called_something_in_chinese(names):
    assert sorted(names() - in_chinese().keys()) == [], "add its words to compliance/words/fields.txt"


def test_a_name_is_said_in_the_readers_language():
    with translation.override("zh-hans"):
        assert field_words("meal_fen_per_head") == "人均餐费"
        assert guarded_words("visit.note") == "拜访 · 备注"
        assert value_words("channel", "wecom") == "企业微信"
    with translation.override("en"):
        assert field_words("mah_code") == "MAH code"
        assert field_words("is_retracted") == "Retracted"
        assert field_words("closing_signature") == "Closing signature"


def test_what_nobody_has_worded_keeps_its_own_name():
    with translation.override("zh-hans"):
        assert field_words("no_such_column") == "no_such_column"
        assert value_words("channel", "no_such_value") == "no_such_value"
