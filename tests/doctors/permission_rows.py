"""Who may open what under /doctors/ and /api/v1/doctors/."""

from tests.doctors.academic_rows import ACADEMIC_ROWS
from tests.doctors.duplicate_rows import DUPLICATE_ROWS
from tests.doctors.master_rows import MASTER_ROWS
from tests.doctors.privacy_rows import PRIVACY_ROWS
from tests.doctors.rest_rows import ROWS as REST_ROWS
from tests.doctors.rest_scoring_rows import REST_SCORING_ROWS
from tests.doctors.segmentation_rows import ROWS as SEGMENTATION
from tests.doctors.territory_rows import TERRITORY_ROWS

ROWS = [
    *ACADEMIC_ROWS,
    *DUPLICATE_ROWS,
    *MASTER_ROWS,
    *PRIVACY_ROWS,
    *REST_ROWS,
    *REST_SCORING_ROWS,
    *SEGMENTATION,
    *TERRITORY_ROWS,
]
