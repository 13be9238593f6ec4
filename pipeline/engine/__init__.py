"""The process that owns a trainer and its device: started by the server, or alone from the command line.

    service.py        the process: links, inbox, life and death
    worker.py         the engine's work: obeying commands, and a slice of training between them
    session.py        the one run that it owns, and the snapshot that tells of it
    run_commands.py         the commands of a run's life
    debug_commands.py   the debugger's commands
    debugger.py       one run under the debugger: what stops it, the walk, the way back
    active_run.py     one run under way: trainer, record, files
    foreground_run.py        a run driven by the process itself, from the command line or from Python
    stop_signals.py       that process being told to stop
    progress_line.py, reading_line.py    what it tells meanwhile
    launching.py      how a process comes to own a run: start, resume, fork, branch
    build_progress.py      how far a run has come that is being prepared, and how that is stopped
    run_pictures.py          sample grids with their checkup, probes
    look_commands.py        pictures of what the networks make of one image; reconstructions and codes
    run_snapshot.py        a run as a snapshot tells of it
    drawing_worker.py        the second engine, which draws samples and looks at data sets
    dataset_reads.py       data sets being read for the Data page, each in a thread
    layers.py         the layers of a network, read off the network itself and kept
    image_previews.py         some of a set's images, as they came, prepared and augmented

Begin with service.py and worker.py. Top of the torch side of the ladder: may import everything below it, and nothing of
the server's side.
"""
