"""A representative on sound footing, and what the law's own books need for that."""

import pytest

from activities.models import SyncOperation
from compliance.models import LedgerEntry
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.activities import make_ground
from tests.factories.compliance import qualify


@pytest.fixture
def footing(rep, officer):
    """Employment, filing for P1 and P2, commitment: all a representative needs."""
    qualify(rep, "P1", "P2", by=officer, at=AT)
    return rep


@pytest.fixture
def doctor(footing):
    """A core doctor in the territory of a representative on sound footing, in a hospital that consents."""
    return make_ground(footing)


@pytest.fixture
def pv(person):
    return person("pv", Role.PV, name="沈岚")


@pytest.fixture
def medical(person):
    return person("medical", Role.MEDICAL, name="何若水")


@pytest.fixture
def events_of():
    """The ledger's events about a subject, oldest first."""

    def read(subject=None):
        entries = LedgerEntry.objects.order_by("at", "id")
        if subject is not None:
            entries = entries.filter(subject=subject)
        return list(entries.values_list("event", flat=True))

    return read


@pytest.fixture
def operations():
    return SyncOperation.objects.all()
