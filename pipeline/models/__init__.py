"""The families of networks: what they look like (torch-free plans) and how a plan becomes a torch module.

    plan.py     Layer and Plan: layer records with shape arithmetic, torch-free
    mlp.py      multilayer perceptrons as plans
    dcgan.py    convolutional generators and discriminators as plans
    build.py    a plan and a seed become an `nn.Module`

Begin with plan.py. A family is one file with two functions that do nothing but add layers to a Plan:

    generator_plan(latent_dim, image_shape, ...)    latents (latent_dim,) -> images (C, H, W) in [-1, 1]
    discriminator_plan(image_shape, ...)            images (C, H, W) -> one score (1,), a logit or a critic's value

Only build.py imports torch. Nothing here imports another folder of the pipeline.
"""
