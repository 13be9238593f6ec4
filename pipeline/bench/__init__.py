"""Measurements of speed, memory and storage: what `python -m pipeline bench` measures.

    declaration.py  Measurement, its Rows and their Aims; how much effort to take
    registry.py     all measurements, in the order of the table
    running.py      takes them one after the other
    results.py      medians, ranges, verdicts, the table and the exit code
    turns.py        contestants timed in turns
    loops/          training loops by hand, which the Trainer is compared with
    templates.py    the Trainer against loops by hand, bare passes and a tutorial, for every template
    viewers.py      training speed while colleagues watch
    memory.py       growth of memory, of the process that small_run.py is
    storage.py      bytes of recorded numbers
    two_ranks.py    two processes against one
    first_page.py   from the start of the server to the first page and the first step
    server.py       the dashboard's server as a process; processes.py, other processes; both leave none behind

To add a measurement, declare it in a file of its own, and name it in registry.py. Ratios are of times measured in turns
in one process, so that whatever else slows the machine slows both sides.
"""
