"""The Runs page: the table of runs, and several runs side by side.

runs_address.py     what the page shows, kept in its URL; begin here
filters.py          search, filters, order and columns of the table
run_rows.py         the table, whose rows are chosen
run_actions.py      what can be done with the chosen runs
download_menu.py    save them as tables or as a bundle; import_form.py reads a bundle; both use background_work.py
compare_view.py     the chosen runs side by side
settings_view.py    what differs between them, and their results; parallel_chart.py draws both
overlay_charts.py   one metric of each run in one chart; run_lines.py: their colours
tree_view.py        runs and their forks as a tree
queue_rows.py       the queue; sweep_form.py adds to it
job_table.py        the jobs; job_details.py: the state and the logs of one
"""
