"""Speed, measured as ratios against a floor of the same run.

One file a subject, with a table of measures; `make bench` finds it by itself:

    # bench/scoring.py
    from bench.measure import Figure, Measure, NotMeasured

    def rescoring() -> Figure:
        floor = seconds_of(hand_written_statement)
        mine = seconds_of(score_everybody)
        return Figure(mine, unit="s", floor=floor, n=3, holds=mine <= 1.5 * floor and mine <= 30)

    MEASURES = [Measure("S1", "full rescoring, national", rescoring)]

A function returns one Figure, or several as {"S4 own territory": Figure(...)}. It raises NotMeasured("why") where
something is missing, such as the folder that PHARMACRM_DATA names. It runs with Django set up and migrated, as the
owner of an otherwise empty database of its own (var/bench), and cleans up after itself only what would disturb others.
`make bench ARGS="S1 S4"` runs some. Fault drills are the same in tests/drills/<name>.py, run by `make drill`.
Results: a table, and var/bench/latest.json (id, title, figure, unit, floor, ratio, n, holds, note).
"""
