"""Nodes that provide the input of networks: images, their augmentation, and noise.

data.py                 the named data sets; begin here
files.py                folders, zips and array files
value_range_field.py    range of pixel values, shared by these two
noise.py                latent vectors
latents.py              latents of an autoencoder of the same workflow; trained_autoencoder.py, of another run's
solver.py               how a diffusion model makes images from noise
augment.py              augmentation of real images
diff_augment.py         DiffAugment and ADA
augmentation_fields.py  augmentation strengths, shared by these two
"""
