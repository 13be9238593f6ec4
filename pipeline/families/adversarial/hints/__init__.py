"""Health rules specific to GANs; `rules.py` in the parent folder lists all rules in order.

scores.py       the discriminator wins, guesses or overfits, or the critic is not Lipschitz
gradients.py    the generator's gradient vanishes
samples.py      mode collapse, near or complete; images that get worse, or would still get better
oscillation.py  the two networks oscillate
penalties.py    a gradient penalty over batch normalization
generalisation.py  more images or larger networks would help
"""
