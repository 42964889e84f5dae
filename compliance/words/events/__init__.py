"""Words for every event of the ledger, one module for each app that records."""

from . import accounts, activities, api, compliance, content, doctors, imports

EVENTS = {
    **accounts.EVENTS,
    **activities.EVENTS,
    **api.EVENTS,
    **compliance.EVENTS,
    **content.EVENTS,
    **doctors.EVENTS,
    **imports.EVENTS,
}
