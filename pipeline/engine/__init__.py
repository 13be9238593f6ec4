"""The process that owns a trainer and its device: started by the server, or alone from the command line.

    service.py        the process: links, inbox, life and death
    worker.py         the engine's work: obeying commands, and a slice of training between them
    session.py        the one run that it owns, and the snapshot that tells of it
    orders.py         the commands of a run's life
    debug_orders.py   the debugger's commands
    debugger.py       one run under the debugger: what stops it, the walk, the way back
    active_run.py     one run under way: trainer, record, files
    driving.py        a run driven by the process itself, from the command line or from Python
    stopping.py       that process being told to stop
    progress_line.py, reading_line.py    what it tells meanwhile
    taking_up.py      how a process comes to own a run: start, resume, fork, branch
    preparing.py      how far a run has come that is being prepared, and how that is stopped
    looks.py          sample grids with their checkup, probes
    looking.py        pictures of what the networks make of one image; reconstructions and codes
    telling.py        a run as a snapshot tells of it
    drawing.py        the second engine, which draws samples and looks at data sets
    readings.py       data sets being read for the Data page, each in a thread
    layers.py         the layers of a network, read off the network itself and kept
    strips.py         some of a set's images, as they came, prepared and augmented

Begin with service.py and worker.py. Top of the torch side of the ladder: may import everything below it, and nothing of
the server's side.
"""
