"""Augmentation: images changed at random, each in its own way, in a few operations on the whole batch.

    augmentation.py   Augmentation: which operations, how strong; `apply` does them
    draws.py          the random numbers of a batch: one for each image
    flip.py           mirrored images
    window.py         rotate, scale, translate and crop: a window on the image
    resampling.py     what an image looks like through a window
    colour.py         brightness, contrast, saturation
    cutout.py         a square without content
    noise.py          Gaussian noise
    live.py           an augmentation whose strengths may change while a run goes on
    adaptive.py       ADA: how much of it a network that scores images needs

Begin with augmentation.py. What all operations share: `images` (B, C, H, W) float in [-1, 1] on any device, random
numbers from the `torch.Generator` that is given and no other, and a chance `p` with which an operation happens to an
image: a number, or a tensor without dimensions on the images' device, which nothing here waits for. A strength of 0
draws no random numbers; an image to which nothing happens stays as it is, bit for bit. Results can be differentiated
twice by the images.

Lines of our own rather than kornia 0.9.0, because the same changes take longer there: 1.4 times as long for the
geometry of 3×64×64, 4.9 times for everything on 1×28×28 (medians of 12 rounds in turns, batches of 64, one CPU core).
Nothing here imports another folder of the pipeline.
"""
