"""Acts over REST that the pages' own rows cannot arrange without a circle of imports."""

from tests.activities.rest_rows import REST_ACTS as EVENTS
from tests.api.client_rows import ACTS as CLIENTS

ACTS = [*CLIENTS, *EVENTS]
