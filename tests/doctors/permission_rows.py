"""Who may open which page about doctors."""

from tests.doctors.segmentation_rows import ROWS as SEGMENTATION

ROWS = [*SEGMENTATION]
