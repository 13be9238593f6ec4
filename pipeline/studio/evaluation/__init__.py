"""How good a run's images are: start and stop evaluations, and show what they measured.

evaluating.py    evaluations of runs, by the evaluation engine; begin here
engine.py        the evaluation engine, started when it is needed
comparing.py     differences between evaluations, as far as their intervals allow
sides.py         what can be compared, and what was measured in the same way
tables.py        the tables of an evaluation and of a comparison
words.py         values, intervals and features in words
looking.py       evaluated images, by the evaluation engine
image_tiles.py   these images framed, and as one picture to download
memorised.py     the warning before a run with copies is shared
history.py       the data of charts over the checkpoints of a run
"""
