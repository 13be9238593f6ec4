"""Every exception of the pipeline: each builds its own sentence from the facts it is given.

    base.py        the root, and the two kinds: Refusal (exit code 2) and Fault (exit code 1)
    workflow.py    files, nodes, parameters and names of workflows
    runs.py        runs and their checkpoints
    training.py    what happens while a run is trained
    conditions.py  conditions of breakpoints, expressions of watches
    data.py        sources of images, and single broken ones
    machine.py     commands, files, disks, databases

A sentence says what, where (node, field, file) and what to do, so that a page, the command line and a log can
show it as it is. `Refusal` is an input we do not take, and nothing was changed; `Fault` is something that went wrong
on our side or on the machine.
"""
