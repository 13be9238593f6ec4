"""The Python API: train your own modules on your own images, as a recorded run like any other.

    training.py   Training: train, view, view_classified, generate; start reading here
    images.py     accepted kinds of images, and their split into training and held-out images
    template.py   puts given modules and images into a workflow
    resuming.py   checks the modules and images passed to resume a stored run
    pictures.py   captioned pictures for notebooks
    isolation.py  isolates the caller's random numbers and threads

Uses the engine's Trainer and store in the same way as the command line. The families define which networks there are;
nothing here names a role.
"""
