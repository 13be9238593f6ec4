"""Looking into a training that goes on, without changing it: the debugger's own eyes.

    walk.py           one step, a stage at a time, and what each stage has done
    rewind.py         snapshots in memory, and the way back to any step
    nonfinite.py      the first tensor of a step that is NaN or infinite
    checkup.py        how varied and how close to real images the samples are, and what the family measures
    probes.py         one step with every layer measured
    scores.py         scores of real, generated and held-out images
    saliency.py       the pixels that a score depends on most
    codes.py          images encoded and decoded, and where their codes lie in the plane
    activations.py    what each layer makes of one image
    layers.py, log2_histogram.py, selected_input.py    what these share: layers by name, histograms over octaves, the image looked at

Everything here takes a Trainer and leaves it as it was, or says what it did to it. Begin with walk.py.
May import training/, data/, models/, objectives/, runs/ and errors/.
"""
