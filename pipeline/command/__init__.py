"""The command line: one module for each command.

`nodes.py`, `check.py`, `data.py`, `train.py`, `profile.py`, `queue.py`, `sample.py`, `runs.py`, `export.py` and
`import_bundle.py` each define `options(parser)` and `run(arguments) -> CommandResult`; the docstring of `run` is the
command's help.
`runs.py` has actions too, in `run_list.py`, `run_edits.py`, `run_pins.py`, `run_deletion.py`, `run_space.py` and
`run_tree.py`; `queue_options.py` and `queue_table.py` are parts of `queue.py`, and `export_records.py` writes what
`export` takes from the store alone. `pipeline/__main__.py` parses, calls and prints. Shared: `answer.py` (what a
command returns), `stores.py` (opens the store of the home), `files.py` (files that a user names), `numbers.py` (numeric
options), `names.py` (names of runs), `checkpoint_choice.py` (a step, or the best one), `reproducing.py` (`train
--reproduce`), `train_answer.py` (what `train` answers), `taking_part.py` (a command in one of several processes),
`restarted.py` (what `train` resumes when torchrun starts it again), `progress_line.py` (progress of exports) and
`streams.py` (output that is closed, full or lacks a character). Long-running
commands use the engine's `foreground_run.py`, `foreground_queue.py`, `stop_signals.py` and `terminal_line.py`, as the
Python API does. Start reading with `check.py`.

Importing this package loads no torch; `train` and `sample` import the engine side when they run.
"""
