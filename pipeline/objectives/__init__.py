"""Losses and penalties, each formula short enough for one screen.

    signature.py    the signatures of adversarial losses and penalties
    adversarial.py  losses on the scores of real and generated images
    smoothing.py    one-sided label smoothing
    penalties.py    gradient penalties on the discriminator
    elbo.py         the losses of autoencoders: reconstruction errors and the KL term
    weights.py      weight penalties and weight clipping
    noising.py      how an image becomes noise: flow matching's line, and DDPM's schedules
    denoising.py    what a denoiser predicts, its errors, their weights, and how times are drawn

Start with signature.py. An adversarial loss takes scores `(real, fake)`, each (B,), and returns the named terms whose
sum is minimised. A penalty takes `(score, real images, fake images, random number generator)` and returns its
unweighted value with the mean gradient norm it measured. Nothing here logs, depends on a device or reads settings.
"""
