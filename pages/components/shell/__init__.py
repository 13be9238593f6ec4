"""What every page shares: its frame, the state behind it, notices, and how it reruns. Imports no other folder of components.

frame.py            title, layout and the name that signs this browser's commands; begin here
state.py            the trainer, the drawing engine and the store of this server
readiness.py        what can be done to a run now, and why not if it cannot
starting.py         start or resume a run, also while another one is under way
build_progress.py   progress and cancel while a run is built
notices.py          refusals, faults and empty states
polling.py          redraw the page when another browser changed the run
navigation.py       switch pages without breaking the browser
address_guard.py    keep a choice and the page's URL in step
slot.py             a place on the page for parts that come and go
escape.py           escape text for Markdown
palette.py          every colour and dash of charts and graph
"""
