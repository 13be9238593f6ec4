"""The data of the charts of a run.

curves.py             training curves; begin here
chart_view.py         the ends of the axes, clipping, logarithms, and the values at each step
step_range.py         the range of steps that a zoomed page shows
watches.py            expressions over metrics, evaluated at every step
expressions.py        the names that expressions may use
chart_annotations.py  changes, forks, rewinds and stops, marked on every chart
"""
