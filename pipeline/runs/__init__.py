"""Storage of runs: records, events and metrics in a database; checkpoints, grids and saved workflows as files.

Start with `store.py` (runs and their events) and `metrics.py` (curves). `schema.py` defines the tables, `migrations.py`
upgrades older databases. `files.py` knows the paths of a run's files and which are deleted over time. `probes.py`
stores what `probe_records.py` describes. `lock.py` says which process trains a run, `pause_requests.py` asks that process to
pause. `checkpoints.py` reads the parts of a checkpoint that need no torch, `grids.py` and `tiling.py` read sample
grids, `layer_tables.py` caches layer tables.
Several processes use one home at the same time: the engine that holds a run's lock writes it, any process may read.
Torch-free; of the rest of the pipeline it imports only `errors` and `colours.py`.

Reads and writes raise exceptions of `pipeline.errors`, whose messages are written for users: `UnknownRun` for an id
that does not exist (or is not an id at all: no path leads out of the home), `CannotWrite` for a full disk or a
read-only folder.
"""
