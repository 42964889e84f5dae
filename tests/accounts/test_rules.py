"""Who may hold which roles together."""

import pytest

from pharmacrm.accounts import rules
from pharmacrm.accounts.choices import Role


@pytest.mark.parametrize(
    ("roles", "clash"),
    [
        ([], ""),
        (["rep"], ""),
        (["administrator"], ""),
        (["rep", "line_manager"], ""),
        (["medical", "regulatory"], ""),
        (["administrator", "rep"], "administrator_with_business"),
        (["administrator", "compliance"], "administrator_with_business"),
        (["inspector", "marketing"], "inspector_with_others"),
        (["rep", "medical"], "field_with_control"),
        (["line_manager", "compliance"], "field_with_control"),
        (["line_manager", "pv"], "field_with_control"),
    ],
)
def test_duties_that_watch_each_other_are_kept_apart(roles, clash):
    assert rules.check_roles(roles) == clash


@pytest.mark.parametrize("role", list(Role))
def test_only_officers_and_administrators_owe_a_second_factor(role):
    assert rules.needs_second_factor([role]) is (role in {Role.COMPLIANCE, Role.ADMINISTRATOR})
