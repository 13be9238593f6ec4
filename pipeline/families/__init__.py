"""Model families, one folder each: their networks, how they are trained, and how pages describe them.

    family.py        torch-free: the declaration of a family, and the registry of all families
    words.py         torch-free: types for the texts that describe stages
    shared_words.py  torch-free: descriptions of the stages that all families share
    sampling_options.py  torch-free: options of a sampler that may differ from the run's
    sampling_path.py torch-free: how pages show the way from noise to images
    adversarial/     generator and discriminator
    autoencoder/     encoder and decoder
    diffusion/       denoiser, of images or of the latents of an autoencoder

Start with family.py. A family's folder has `family.py` (the declaration, torch-free), `words.py` (descriptions of its
stages, torch-free), `rules.py` (its hints, torch-free), `parts.py`, `step.py` (what its nodes build, and the updates of
a step), `sampler.py`, and `checkup.py`. Its nodes are in `nodes/`. A custom family declares the same from a folder in
GENSCOPE_NODES; the README shows one.

No other package names a role of a family.
"""
