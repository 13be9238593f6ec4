"""Runs that wait for the device: what pages and the command line show of the queue and change in it.

queue_view.py    what the queue does, in a sentence, and its rows; begin here
run_words.py     what the queue has to do with one run, in sentences
adding.py        add a workflow or a sweep, and start an entry now; for other changes, `pipeline/runs/queue_changes.py`
engine_state.py  whether an engine works through the queue, for processes that have no link to it
start_times.py   times at which a run is to start, as users write them
sweep_values.py  the values of a parameter that a sweep varies, as users write them
sweep.py         a workflow and such values -> the workflows of a sweep, by grid or at random
sweep_preview.py how many runs a sweep has, how long they take, and what is refused
"""
