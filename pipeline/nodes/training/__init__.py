"""Nodes of the training itself.

training_node.py  the training node of each built-in family; begin here
optimizers.py     Adam, AdamW, RMSprop, SGD
schedules.py      learning-rate schedules
output.py         sample grids
periodic_evaluation.py  metrics of generated images every n steps
checkpoints.py    how often checkpoints are saved, and which are kept
"""
