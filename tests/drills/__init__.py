"""Fault drills: kill, cut off and fill up, then count what was lost or doubled. Run by `make drill`.

One file a subject with a table `DRILLS` of bench.measure.Measure; see bench/__init__.py for how. A drill starts what it
needs in a state directory of its own (tests/runtime/running.py) and never touches another's processes.
PHARMACRM_DRILL_SIZE=full runs the promised numbers; without it a tenth or less, and the figure says how many.
"""
