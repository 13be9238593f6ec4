"""The command line: one file for each command, which says what options it takes and what it does with them.

`nodes.py`, `check.py`, `data.py`, `train.py`, `sample.py`, `runs.py`, `export.py` each have `options(parser)` and
`run(arguments) -> Answer`, whose docstring is its help; `pipeline/__main__.py` parses, calls and prints. They share
`answer.py` (what a command returns), `files.py` (files that a user names) and `numbers.py` (options that are numbers).
What takes long in this process shares the engine's `foreground_run.py`, `stop_signals.py` and lines of progress with the door from
Python. Begin with `check.py`.

Uses either side of the ladder: may import all of the pipeline. Importing this folder loads no torch; `train` and
`sample` import the engine's side when they are run.
"""
