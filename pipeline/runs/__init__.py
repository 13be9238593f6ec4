"""What is kept of runs: records, events and metrics in a database; checkpoints, grids and saved workflows as files.

Begin at `store.py` (runs and their events) and `metrics.py` (curves), whose tables `schema.py` has; `migrations.py`
brings older ones up to date. `files.py` says where a run's files lie and which of them are thinned out, `probes.py`
keeps what `probe_records.py` describes, `lock.py` says who is training a run and `pause_requests.py` asks them to pause,
`checkpoints.py` what can be told of a checkpoint without torch; `grids.py` and `tiling.py` read the sample grids,
`layer_tables.py` keeps what networks look like.
Several processes use one home at the same time: the engine that holds a run's lock writes it, everybody reads.
Torch-free; of the pipeline it imports `errors` only.

Whatever reads or writes raises sentences of `pipeline.errors`: `UnknownRun` for an id that is not there (or that is no
id at all: a path never leaves the home), `CannotWrite` for a full disk or a read-only folder.
"""
