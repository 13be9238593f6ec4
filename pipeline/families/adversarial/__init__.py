"""Adversarial games: a network that makes images against one that scores them.

family.py    what the family declares: roles, series, updates
words.py     the words of its stages and formulas
rules.py     its hints, in their order; those that no other family can have are in hints/
parts.py     what its nodes build
step.py      the updates of a step, and the Experiment that is made of them
sampler.py   images from latent vectors
scoring.py   scores of images outside a step
checkup.py   whether the discriminator knows its images by heart
"""
