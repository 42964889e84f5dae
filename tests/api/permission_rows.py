"""Who may ask what of the API root."""

from tests.activities.rest_rows import REST_ROWS as EVENTS
from tests.api.client_rows import ROWS as CLIENTS
from tests.architecture.permission_rows import Row

ROWS = [
    *CLIENTS,
    *EVENTS,
    Row("api:who", anonymous=401, others=200),
    Row("api:schema", anonymous=200, others=200),
    Row("api:docs", anonymous=200, others=200),
    Row("api:not-found", anonymous=404, others=404),
]
