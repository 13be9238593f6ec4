"""Messages between the server and an engine: typed commands one way, typed answers and snapshots the other.

A message is a frozen dataclass. On the wire it is JSON, which pydantic checks strictly, followed by its images as raw
bytes, so no received message can run code.

    commands.py          commands for the training engine
    drawing_commands.py  commands for the drawing engine
    evaluation_commands.py  commands for the evaluation engine
    answers.py           answers of all engines; answer.py is their base
    image_answers.py     answers with images of an evaluated checkpoint
    snapshot.py          the trainer's state as pages show it
    wire.py              encoding and decoding
    blob.py              bytes inside a message
"""
