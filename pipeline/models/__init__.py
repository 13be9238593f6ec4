"""The network architectures: torch-free plans, and how a plan is built into a torch module.

    plan.py            Layer and Plan: layer records with shape arithmetic
    pyramid.py         how an image is halved, and the widths of the steps
    conditioning.py    first layers of generators and last layers of discriminators, conditional on a class or not
    mlp.py             multilayer perceptrons as plans
    dcgan.py           strided convolutions
    resnet.py          residual blocks
    autoencoder.py     encoders and decoders, fully connected, convolutional and with small images as codes
    unet.py            the denoiser of diffusion models, a plain torch module
    modules.py         torch modules that torch does not have: conditional, residual, self-attention
    build.py           builds a `Network` from a plan and a seed
    spectral.py        spectral normalization of a network's weights
    layers.py          the layer table of a network: directly from a plan, and as JSON
    whole_batch.py     layers that see the whole batch of several processes
    unlike_one_process.py  finds the layers that do not
    module_layers.py   the layer table of any torch module, with the shapes of its weights
    python_modules.py  custom networks made in Python, tested on a batch

Start with plan.py. An architecture is one file with two functions that only add layers to a Plan:

    generator_plan(latent_dim, image_shape, ...)    latents (latent_dim,) -> images (C, H, W) in [-1, 1]
    discriminator_plan(image_shape, ...)            images (C, H, W) -> one score (1,), a logit or a critic's value

An encoder's plan goes from an image to (numbers, latent_dim); a decoder's is that of a generator that ends in tanh.

With `classes` a generator takes (latent_dim + classes,): noise, then a one-hot class vector or a mixture of classes; a
discriminator is called with labels too. Self-attention is added at feature maps that are `attention` pixels high.
"""
