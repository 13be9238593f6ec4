"""The data of the charts of a run.

curves.py             training curves; begin here
watches.py            expressions over metrics, evaluated at every step
expressions.py        the names that expressions may use
chart_annotations.py  changes, forks, rewinds and stops, marked on every chart
"""
