"""All exceptions of the pipeline. Each builds its own message from the arguments.

    base.py        the base class and its two kinds: Refusal (exit code 2) and Fault (exit code 1)
    workflow.py    files, nodes, parameters and names of workflows
    runs.py        runs and their checkpoints
    bundles.py     bundles of runs
    training.py    training and its commands
    conditions.py  breakpoint conditions and watch expressions
    evaluation.py  evaluations of stored runs
    data.py        sources of images, single broken images, uploads
    queue.py       the queue of runs, and sweeps
    processes.py   several processes that train one run
    machine.py     command lines, files, disks, databases

A message says what is wrong, where (node, field, file) and what to do, and is shown unchanged on pages, the command
line and in logs. A `Refusal` rejects an input and leaves everything unchanged; a `Fault` is a failure of Genscope or of
the machine.
"""
