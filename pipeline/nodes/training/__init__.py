"""Nodes of the training itself.

training_node.py  what all training nodes share, and that of GANs; begin here
autoencoder_training.py, diffusion_training.py  those of the other built-in families
processes.py      how many processes train a run: which numbers fit a batch, and this machine
optimizers.py     Adam, AdamW, RMSprop, SGD
schedules.py      learning-rate schedules
output.py         sample grids
periodic_evaluation.py  metrics of generated images every n steps
checkpoints.py    how often checkpoints are saved, and which are kept
tensorboard_log.py  a log for TensorBoard, written while the run is trained
"""
