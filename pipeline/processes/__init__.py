"""Several processes that train one run together, started by torchrun or a cluster: process 0 leads, the others follow.

    launch.py        which process this is, from its environment; torch-free
    introduction.py  what each process says of itself, and what all must have alike; torch-free
    joining.py       meet, compare and connect: `join`; attempt.py: a name for each attempt
    group.py         the processes as one of them sees them: `current`
    leading.py       the Trainer of process 0, which announces each action
    following.py     the loop of the others: `follow`
    line.py          carries announcements, on the CPU; state_bytes.py: a state among them
    words.py         what processes say of a fault before they end
    same_images.py   whether all have built the same run
    watch.py         ends a process whose process 0, or torchrun, has vanished

Process 0 is an ordinary engine or command line, with the store, the debugger, the pictures and the checkpoints. Its
Trainer announces each action before it does it, so that pause, walk, breakpoints and changes reach every process at the
same step. The mathematics of a shared batch is in `pipeline/ranks/`. Begin with joining.py and leading.py.
"""
