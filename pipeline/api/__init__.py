"""A door from Python: one's own modules and images, trained as a recorded run like any other.

    training.py    Training: train, view, view_classified, generate; begin here
    images.py      what images may be given as, and how they become two sets
    template.py    a workflow in which nodes stand for what was given
    resuming.py    what a stored run needs to be given again
    pictures.py    what is shown in a notebook
    isolation.py       the caller's random numbers and threads, left as they were

It is the engine's own Trainer and record, driven as the command line drives them. Which networks there are is said by
the families: nothing here names a role. May import all of the pipeline; nothing imports this.
"""
