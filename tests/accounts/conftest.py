import pytest

from pharmacrm.accounts.choices import Role


@pytest.fixture
def administrator(person):
    return person("admin", Role.ADMINISTRATOR, name="高予")
