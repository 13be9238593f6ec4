"""The command line: one module for each command. Start reading with `check.py`.

    nodes.py, check.py, data.py, train.py, engine.py, profile.py, queue.py, submit.py, sample.py, evaluate.py,
    compare.py, runs.py, export.py, import_bundle.py, bench.py
                     each defines `options(parser)` and `run(arguments) -> CommandResult`; the docstring of `run` is the
                     command's help
    run_list.py, run_edits.py, run_pins.py, run_deletion.py, run_space.py, run_tree.py
                     the actions of `runs`
    queue_options.py, queue_table.py
                     parts of `queue`; evaluation_options.py and evaluation_table.py those of `evaluate`
    submit_options.py, submit_table.py
                     parts of `submit`; job_submission.py is the process that submits a job, job_worker.py what each of
                     its tasks runs
    export_records.py
                     what `export` takes from the store alone
    train_answer.py, reproducing.py, restarted.py
                     parts of `train`: its answer, `--reproduce`, and what it resumes when torchrun starts it again
    taking_part.py   a command in one of several processes
    answer.py        what a command returns
    stores.py        opens the store of the home
    files.py, numbers.py, names.py, checkpoint_choice.py
                     options: files that a user names, numbers, names of runs, a step or the best one
    progress_line.py progress of exports
    streams.py       output that is closed, full or lacks a character

`pipeline/__main__.py` parses, calls and prints. Long-running commands use the engine's `foreground_run.py`,
`foreground_queue.py`, `stop_signals.py` and `terminal_line.py`, as the Python API does.

Importing this package loads no torch; `train` and `sample` import the engine side when they run.
"""
