"""The current run: its header, buttons, charts, hints, breakpoints and events.

run_header.py       run name, status and control buttons; begin here
controls.py         the state line; Run, Pause, Step, Chunk, and the menus Back and More in one row
reproduction.py     the button that starts a run again from its record, and whether both agree
more_menu.py        the More button and its menu: what is needed rarely
debug_controls.py   in that menu: one update only, run to a step or until a condition holds
rewind_menu.py      the Back button and its menu
fork_button.py      the Fork button, and the link from a fork to its parent
branching.py        follow a run to the fork that a change after Back makes
run_images.py       what was read and left out of the run's images, warnings, and what it is trained with
run_notices.py      why the run stopped, and other notices below its buttons
queue_line.py       runs that wait for this one, or the one that has taken its place
progress.py         the metrics above the charts
periodic_line.py    what the periodic evaluation compares, costs and found best
charts.py           training curves and watches: begin here for the chart_*.py files
chart_settings.py   settings of the charts; chart_choice.py: which are drawn; chart_whys.py: what their numbers mean
chart_data.py       the data of the charts; shown_chart.py: of one of them
chart_specification.py   their Vega-Lite specifications, with chart_axes.py, chart_legend.py and chart_readout.py
stage_times.py      where the time of a run's steps goes, with the charts of what it takes of the machine
chart_zoom.py       zooming all charts by a drag over one
breakpoints.py      breakpoints and watches
grids.py            the sample grid and real images, each beside a chart
hints.py            hints in one line and in full, with links to the parameters they name and the way back
live_form.py        live parameters in the sidebar
events.py           the run's events, newest first
restored.py         below them: what the last resume restored, and the checkpoints that are kept
recent.py           current runs and recent runs, for Home
"""
