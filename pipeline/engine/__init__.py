"""The engine: the process that owns the trainer and its device, started by the server or from the command line.

    serving.py           the life of an engine's process: what it serves, and as what
    service.py           the process: connections, inbox, start and shutdown
    engine_kind.py       how many processes it has, and who started it
    link_writer.py       one connection, as the engine writes to it
    worker.py            the training engine's loop: commands, and a slice of training between them
    session.py           the one run that the engine owns, and the snapshot sent to pages
    replacing.py         replaces that run: here, or by an engine with another number of processes
    run_commands.py      commands that start, resume, fork, run and pause runs
    waiting_runs.py      starts the runs of the queue when the device is free
    debug_commands.py    commands of the debugger
    debugger.py          the debugger of one run: stops, walk, rewind; run_conditions.py: the conditions that stop it
    run_profile.py       a profile of it: taken while it trains, added up and kept
    walked_stages.py     what the stages of the current step made
    active_run.py        one loaded run: trainer, record, files
    live_changes.py      changes of live parameters of a loaded run
    run_checkpoints.py   the checkpoints of a loaded run: when one is due, saving, thinning
    run_environment.py   versions and machine: recorded when a run begins, compared when it goes on
    run_images.py        what a run knows of its images: kept when they are read, compared on resume
    other_results.py     why several processes do not train exactly what one would
    run_threads.py       the numbers of CPU threads and processes of a run, in words and in its record
    foreground_run.py    training without a server, from the command line or the Python API
    foreground_queue.py  works through the queue without a server
    user_names.py        the name of the user of this process
    plan_end.py          refuses to train on where all schedules have ended
    stop_signals.py      signals that stop a foreground run
    terminal_line.py     progress on standard error
    run_records.py       the records of new runs and forks: their names, what a fork changed
    launching.py         load runs: start, fork, branch
    resuming.py          resume a stored run, with what users changed after its checkpoint
    restoration.py       the list of what a resume restored, and what it could not
    reproducing.py       start a run again from its record
    build_progress.py    progress and cancellation while a run is being prepared
    batch_images.py      the training images of a batch that stopped a run
    run_pictures.py      sample grids with their checkup, probes
    replaced_images.py   damaged images that were replaced while training, in words
    run_measurements.py  when something is measured, what was measured last
    system_metrics.py    what training takes of the machine; machine_readings.py: what the machine says of itself
    periodic_evaluation.py  metrics of generated images every n steps, and the best checkpoint
    tensorboard_log.py   a log for TensorBoard, if the workflow has one
    look_commands.py     saliency and activations of one image; reconstructions and codes
    run_snapshot.py      the fields of a snapshot that describe the run
    drawing_worker.py    the drawing engine, which draws samples and reads data sets
    evaluation_worker.py  the evaluation engine, which measures how good the images of runs are
    giving_way.py         evaluations rest while other programs keep the machine busy
    evaluation_queue.py   its evaluations, one after another
    image_views.py       views of evaluated images, computed in the same thread
    image_pages.py       one page of such a view
    dataset_reads.py     data sets being read for the Data page, each in a thread
    layers.py            tables of a network's layers, measured on the network and stored
    weights_preview.py   which weights of a file fit a workflow's networks
    image_previews.py    images of a data set: original, prepared and augmented

Begin with service.py and worker.py.
"""
