"""What networks are trained for: losses and penalties, each formula on one screen.

    signature.py      what every adversarial loss and every penalty looks like
    adversarial.py    losses on the scores of real and generated images
    smoothing.py      the discriminator is told "real" with less than certainty
    penalties.py      terms added to the discriminator's loss, each on the slope of its scores
    elbo.py           what an encoder and a decoder are trained for: reconstruction errors and the KL term
    weights.py        what a network's weights cost, and the bound they are kept within

Begin with signature.py. An adversarial loss takes scores `(real, fake)`, each (B,), and returns the named terms whose
sum is minimised; a penalty takes `(score, real images, fake images, generator of random numbers)` and returns
its value, not yet weighted, with the slope it found. Nothing here logs, knows a device or reads a configuration, or
imports another folder.
"""
