"""What the curves of an adversarial game warn of; `rules.py` above has the rules in their order.

scores.py      the discriminator wins, guesses, knows its images by heart, is too steep
gradients.py   the generator is told nothing any more
samples.py     samples all alike, or worse while the generator's loss falls
swings.py      the two networks chase each other in circles
"""
