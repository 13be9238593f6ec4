"""How good generated images are, in numbers: one file a metric, each with its definition, direction, source and cost.

    signature.py      start here: Images, Sets, Metric and Measured
    registry.py       METRICS: all metrics, in the order in which they are shown

A metric takes arrays (numpy) and returns a number with its interval. Nothing here knows runs, networks or files, and
nothing imports torch, so that pages can show what a metric means. The numbers that a run records at every step are
something else: `pipeline/runs/series.py`.
"""
