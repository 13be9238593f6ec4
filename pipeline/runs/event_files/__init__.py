"""Event files of TensorBoard: a stored run as one, and a log that grows while a run is trained.

    event_log.py      one event file: scalars, images, histograms, texts, hyperparameters. Begin here
    stored_run.py     writes everything that a stored run keeps
    layer_counts.py   histograms from the counts of a probe
    texts.py          the workflow and the events of a run as Markdown
    crc32c.py         the checksum of records

The package `tensorboard` is imported when a log is opened, and of it only the definitions of the messages: 30 ms and no
torch. Its own writers would import its plugins (0.2 s) and start a thread.
"""
