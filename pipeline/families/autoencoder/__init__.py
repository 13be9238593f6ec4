"""Autoencoders: images become codes, and codes images again; with a prior or without.

family.py    what the family declares: roles, series, updates
words.py     the words of its stages and formulas
rules.py     its hints
coding.py    what its nodes build; how images become codes and images again
step.py      the update of a step, and the Experiment that is made of it
sampler.py   images from codes: drawn from the prior, or those of held-out images
checkup.py   whether images that were never seen come back, and whether codes say anything
"""
