"""Several runs side by side, as the Runs page shows them.

overlay.py    one metric of each run in one chart; begin here
"""
