"""The current run: its header, buttons, charts, hints, breakpoints and events.

run_header.py       run name, status and control buttons; begin here
controls.py         Run, Pause, Step, Chunk, Save checkpoint
debug_controls.py   one update only, run to a step or until a condition holds
rewind_menu.py      the Back button and its menu
fork_button.py      the Fork button, and the link from a fork to its parent
branching.py        follow a run to the fork that a change after Back makes
run_images.py       what was read and left out of the run's images, and warnings
run_notices.py      why the run stopped, and other notices below its buttons
progress.py         the metrics above the charts
charts.py           training curves; their Vega-Lite specifications are in chart_specification.py
breakpoints.py      breakpoints and watches
grids.py            sample grids next to real images
hints.py            hints in one line and in full, with links to the parameters they name and the way back
live_form.py        live parameters in the sidebar
events.py           the run's events, newest first
recent.py           current runs and recent runs, for Home
"""
