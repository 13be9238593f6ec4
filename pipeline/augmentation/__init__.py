"""Augmentation: every image changed at random, independently of the others, in a few operations on the whole batch.

    augmentation.py      Augmentation: which operations, how strong; `apply` performs them
    draws.py             the random numbers of a batch, one for each image
    pixel_operations.py  flips, cutout, Gaussian noise
    window.py            rotate, scale, translate and crop: an affine window on the image
    resampling.py        resamples images through windows
    colour.py            brightness, contrast, saturation
    live.py              an augmentation whose strengths can change during a run
    adaptive.py          ADA: adapts the probability of augmentation to a network that scores images

Start with augmentation.py. All operations take `images` (B, C, H, W) float in [-1, 1] on any device, a
`torch.Generator` as their only source of random numbers, and the probability `p` that an operation is applied to an
image: a number, or a 0-dimensional tensor on the images' device, which is never synchronised to the CPU. A strength of
0 draws no random numbers; an image to which no operation is applied stays bit for bit the same. Results are twice
differentiable with respect to the images.

Not kornia 0.9.0, because the same changes take longer there: 1.4 times as long for the geometry of 3×64×64, 4.9 times
for everything on 1×28×28 (medians of 12 alternating rounds, batches of 64, one CPU core).
"""
