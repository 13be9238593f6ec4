"""Diffusion models: a network that removes noise, from images or from latents.

    family.py         the declaration of the family: roles, series, updates
    latent_family.py  those of its combinations with an autoencoder: trained in the same run, or before
    words.py          descriptions of its stages and formulas
    whys.py           why its series matter
    rules.py          its hints
    parts.py          what its nodes build
    step.py           the update of a step, and the Experiment made of it
    latent_step.py    the Experiment of both phases: an autoencoder, then a denoiser of its latents
    latents.py        images as latents: encoded once, kept, scaled
    options.py        what may differ when images are drawn, and how pages show the way from noise to images
    solvers.py        from noise to images in small steps: Euler, Heun, DDIM, ancestral, DPM-Solver++
    estimating.py     what the network expects image and noise to be, clipped and guided
    drawing.py        from noise to images in one call
    sampler.py        images by a solver, guided by a class
    pictures.py       what the stages of a step made, as images that people can read
    checkup.py        the held-out loss by band of times, and deviations of latents and guided estimates

Start with step.py, then latent_step.py.
"""
