"""The Runs page: the table of runs, and several runs side by side.

overlay_charts.py   one metric of each run in one chart
"""
