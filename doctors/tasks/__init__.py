"""Work of this app that runs by itself or later."""

from . import segmentation

SCHEDULES = {**segmentation.SCHEDULES}
