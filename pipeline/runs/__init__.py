"""Storage of runs: records, events and metrics in a database; checkpoints, grids and saved workflows as files.

    store.py             runs and their events; begin here. schema.py has the tables, migrations.py upgrades older ones
    database.py          the database: sqlite_engine.py or postgres_engine.py. text_order.py: both order texts alike
    records.py           the record of a run, and its events
    interrupted.py       runs whose process has died
    discarding.py        deletes a run that was refused before its first step
    catalogue.py         finds runs; run_filter.py says which and in which order, figures.py has their numbers
    edits.py             changes names, notes, tags, archives
    deletion.py          deletes runs whole; references.py finds workflows that name one
    space.py             how many bytes a run takes
    lineage.py           forks as trees
    metrics.py           curves, kept in blocks; series.py declares what a run records, series_fault.py checks it
    system_series.py     the series of what training takes of the machine; stage_times.py: the time of each stage
    point_series.py      what is measured at some steps only; points.py has its blocks
    files.py             the paths of a run's files, and which are deleted over time
    keeping.py           the rule by which checkpoints are kept; pins.py keeps those that users pin
    later_changes.py     what users changed after a checkpoint
    environment.py       the versions and the machine that a run began with
    agreement.py         whether two runs recorded the same numbers
    checkpoints.py       the parts of a checkpoint that need no torch
    grids.py, tiling.py  the sample grids, whole or cut into images
    evaluations.py       how good the images of checkpoints are
    periodic.py          the cost of a periodic evaluation, and the best checkpoint by it
    probes.py            stores what probe_records.py describes
    profiles.py          stores what profile_records.py describes, and traces
    layer_tables.py      cached layer tables
    workflows.py         saved workflows; drafts.py keeps those that are being edited
    queue.py             runs that wait for the device, in the rows of queue_rows.py; queue_turn.py starts the next
    queue_changes.py     what users change in the queue; queue_order.py moves entries
    lock.py              which process trains a run; pause_requests.py asks it to pause
    exporting/           metrics as CSV and Parquet
    event_files/         event files of TensorBoard
    bundles/             runs as one file, which another home imports
    remote/              runs that are trained on another machine, which must not open a SQLite file of this one
    home.py              GENSCOPE_HOME and the other settings; network_home.py warns of a network file system
    atomic_files.py      atomic file writes: readers never see half of a file

Several processes use one home at the same time: the engine that holds a run's lock writes it, any process may read.

Reads and writes raise exceptions of `pipeline.errors`, whose messages are written for users: `UnknownRun` for an id
that does not exist (or is not an id at all: no path leads out of the home), `CannotWrite` for a full disk or a
read-only folder.
"""
