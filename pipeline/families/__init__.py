"""Families of models: each is one folder, which says what it is made of and how it is trained.

    family.py        torch-free: what a family declares of itself, and the registry of all families
    words.py         torch-free: what the words for a stage are, and what they go by
    shared_words.py       torch-free: the words for the stages that all families share
    adversarial/     a generator against a discriminator
    autoencoder/     an encoder and a decoder

Begin with family.py. A family's folder has `family.py` (the declaration, torch-free), `words.py` (the words of its
stages, torch-free), `rules.py` (its hints, torch-free), `parts.py`, `step.py` (what its nodes build, and the updates of
a step), `sampler.py`, and `checkup.py`. Its nodes are in `nodes/`. A family from elsewhere declares the same from a
folder in GENSCOPE_NODES; the README shows one.

Families import training, models, objectives, data, runs and health; nodes import families. No other folder names a role
of a family.
"""
