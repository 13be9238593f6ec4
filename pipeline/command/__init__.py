"""The command line: one module for each command.

`nodes.py`, `check.py`, `data.py`, `train.py`, `sample.py`, `runs.py` and `export.py` each define `options(parser)` and
`run(arguments) -> CommandResult`; the docstring of `run` is the command's help. `pipeline/__main__.py` parses, calls
and prints. Shared: `answer.py` (what a command returns), `files.py` (files that a user names), `numbers.py` (numeric
options), `checkpoint_choice.py` (a step, or the best one), `reproducing.py` (`train --reproduce`) and `streams.py`
(output that is closed, full or lacks a character). Long-running commands use the engine's `foreground_run.py`,
`stop_signals.py` and `terminal_line.py`, as the Python API does.
Start reading with `check.py`.

Importing this package loads no torch; `train` and `sample` import the engine side when they run.
"""
