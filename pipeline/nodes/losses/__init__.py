"""Nodes of objectives, and of penalties and other additions stacked on them.

objectives.py         adversarial losses; begin here
coding_objectives.py  reconstruction, with or without a KL term
penalties.py          gradient penalties
label_smoothing.py    label smoothing and instance noise
weight_bounds.py      L1 and L2 penalties on weights, weight clipping
"""
