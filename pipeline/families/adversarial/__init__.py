"""Generative adversarial networks: a generator trained against a discriminator.

family.py   the declaration of the family: roles, series, updates
words.py    descriptions of its stages and formulas
whys.py     why its series matter
rules.py    its hints, in order; those specific to this family are in hints/
parts.py    what its nodes build
step.py     the updates of a step, and the Experiment made of them
sampler.py  images from latent vectors
scoring.py  scores of images outside a step
checkup.py  whether the discriminator overfits its training images
"""
