"""What every page shares: its frame, state, notices and reruns. Imports no other folder of components.

frame.py            title, layout and the user name of this browser's commands; begin here
browser.py          the width of this browser's window, and what it remembers
keys.py             keys that press buttons, one table for all pages
focusing.py         bring a place into view because a link asked for it
help.py             the help dialog: keys, pages, tour, README
tour.py             the first tour: a panel in the sidebar, and its offer
why.py              a button that says why something matters
state.py            the training engine, the drawing engine and the run store of this server
shown_run.py        the run that a page shows, always in its URL
readiness.py        which commands a run accepts now, and why not
starting.py         start or resume a run, also while another one is training
queueing.py         add a workflow to the queue
questions.py        the dialog in which a command asks before it pauses or changes anything
build_progress.py   progress and cancel while a run is built
notices.py          refused commands, errors and empty states
done_message.py     what a click has done, with a link or a button that undoes it
streamlit_gaps.py   slots that keep their place, page switches, polling
escaping.py         text as Markdown that shows it as it is
home_trouble.py     a database that cannot be used now: a sentence instead of a page
whole_callbacks.py  callbacks that the browser's next message does not end
crowd.py            how many browsers are open
poll_spacing.py     polls that leave the browser time to draw
server_watch.py     a sentence in the browser when the server has stopped
address_guard.py    keep a choice and the page's URL in step
page_paths.py       the paths and names of the pages
palette.py          every colour and dash of charts and graph
theme.py            what differs between the light theme and the dark one
"""
