"""How good a run's images are: start and stop evaluations, and show what they measured.

evaluating.py    evaluations of runs, by the evaluation engine; begin here
comparing.py     differences between evaluations, as far as their intervals allow
words.py         values, intervals and features in words
history.py       the data of charts over the checkpoints of a run
"""
