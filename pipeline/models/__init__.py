"""The families of networks: what they look like (torch-free plans) and how a plan becomes a torch module.

    plan.py             Layer and Plan: layer records with shape arithmetic
    pyramid.py          how an image is halved, and how wide the steps are
    conditioning.py     what generators begin with and discriminators end with, conditional on a class or not
    mlp.py              multilayer perceptrons as plans
    dcgan.py            strided convolutions
    resnet.py           residual blocks
    autoencoder.py      encoders and decoders, fully connected and convolutional
    modules.py          the torch modules that torch does not have: conditional, residual, self-attention
    build.py            a plan and a seed become a `Network`
    spectral.py         the weights of a network divided by their largest singular value
    layers.py           the layers of a network as a table, of a plan at once, and as JSON
    module_layers.py         the same read off any torch module, with the shapes of its weights
    python_modules.py            networks that somebody has made in Python, tried on a batch

Begin with plan.py. A family is one file with two functions that do nothing but add layers to a Plan:

    generator_plan(latent_dim, image_shape, ...)    latents (latent_dim,) -> images (C, H, W) in [-1, 1]
    discriminator_plan(image_shape, ...)            images (C, H, W) -> one score (1,), a logit or a critic's value

An encoder's plan goes from an image to (numbers, latent_dim), a decoder's is a generator's that ends in tanh.

With `classes` a generator takes (latent_dim + classes,), noise and then a one-hot class vector or a mixture of classes;
a discriminator is called with labels too. Self-attention stands on the feature maps that are `attention` pixels high.

Only modules.py, build.py, spectral.py, module_layers.py and python_modules.py import torch. Of the pipeline this imports `errors`
only.
"""
