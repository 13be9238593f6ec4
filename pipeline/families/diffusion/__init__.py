"""Diffusion models: a network that removes noise, from images or from latents.

family.py   the declaration of the family: roles, series, updates
words.py    descriptions of its stages and formulas
whys.py     why its series matter
rules.py    its hints
parts.py    what its nodes build
step.py     the update of a step, and the Experiment made of it
options.py  what may differ when images are drawn, and how pages show the way from noise to images
solvers.py  from noise to images in small steps: Euler, Heun, DDIM, ancestral, DPM-Solver++
sampler.py  images by a solver, guided by a class
pictures.py what the stages of a step made, as images that people can read
checkup.py  the held-out loss by band of times
"""
