"""Health rules specific to GANs; `rules.py` in the parent folder lists all rules in order.

scores.py       the discriminator wins, guesses or overfits, or the critic is not Lipschitz
gradients.py    the generator's gradient vanishes
samples.py      mode collapse, or images that get worse while the generator's loss falls
oscillation.py  the two networks oscillate
"""
