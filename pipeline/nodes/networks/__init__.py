"""Nodes of networks.

network_node.py                               what all network nodes share: wires, fields, size checks; begin here
module_node.py                                networks that are plain torch modules
mlp.py, dcgan.py, resnet.py, autoencoders.py  the built-in networks
spatial_autoencoders.py                       encoders and decoders whose codes are small images
unet.py                                       the denoiser of diffusion models
batch_norm.py                                 which networks have batch normalization, and how to take it out
spectral_norm.py                              spectral normalization, wired after a discriminator
"""
