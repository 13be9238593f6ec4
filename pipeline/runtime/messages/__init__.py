"""What the server and an engine say to each other: typed commands one way, typed answers and snapshots the other.

A message is a frozen dataclass. On the wire it is JSON that pydantic checks strictly, and its images as raw bytes next
to it, so nothing that arrives can run code.

    commands.py          commands for the training engine
    drawing_commands.py  commands for the drawing engine
    answers.py           what the engines answer
    snapshot.py          the trainer's state as pages show it
    wire.py              from a message to bytes and back
    blob.py              bytes inside a message
"""
