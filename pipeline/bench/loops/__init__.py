"""Training loops written by hand, as a researcher writes them without a framework, to measure the Trainer against.

opened.py       a template, built: its experiment, its objective, and the state that each loop begins with
resident.py     batches of images that are on the device; what every loop does with gradients and averages
gan.py          a GAN by hand, and its bare passes
autoencoder.py  an autoencoder by hand, and its bare passes
diffusion.py    a denoiser of images or latents by hand, and its bare passes
tutorial.py     a GAN as the usual tutorials train it: a DataLoader over pictures, `.item()` in every step

A loop by hand does what a run does, and is bit for bit equal to it on the CPU (tested): data order, noise, losses,
norms of gradients, averaged weights, numbers kept for charts. It uses the losses and penalties of
`pipeline/objectives/`, as any loop uses those of a library. The bare passes are what is left when only forward and
backward passes and optimizer steps remain, on one batch that never changes.
"""
