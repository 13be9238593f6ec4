"""Autoencoders: an encoder and a decoder, with a prior (variational) or without.

family.py   the declaration of the family: roles, series, updates
words.py    descriptions of its stages and formulas
whys.py     why its series matter
rules.py    its hints
coding.py   what its nodes build; encoding and decoding
step.py     the update of a step, and the Experiment made of it
sampler.py  images from codes: drawn from the prior, or those of held-out images
checkup.py  the reconstruction error of held-out images, and the active latent dimensions
"""
