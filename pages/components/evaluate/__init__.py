"""The Evaluate page: how good the images of a run are.

fields.py         fields for how checkpoints are measured, and the buttons that start it
progress.py       the evaluation under way, with the time left and a button that stops it
numbers.py        the table of what was measured
metric_details.py what one metric means, and its curve over the checkpoints
history_chart.py  the chart of that curve
verdict_view.py   images with the verdicts of the run's scoring network
memorisation_view.py samples beside their nearest training images
failures_view.py  samples that no class claims; the least and the most typical
looking.py        these images, found once for all browsers, with progress
tiles.py          their tiles, pages and download
comparison.py     runs and checkpoints side by side
"""
