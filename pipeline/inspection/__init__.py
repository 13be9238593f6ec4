"""Inspect a training without affecting it: the measurements and views of the debugger.

    walk.py            walk through a step, with a report of each stage
    rewind.py          in-memory snapshots, and the return to any step
    nonfinite.py       find the first tensor of a step that is NaN or infinite
    checkup.py         diversity of samples, distance to real images, dead units, and the family's measurements
    probes.py          train one step and measure every layer
    profiling.py       listen to steps with torch.profiler; stage_ranges.py names its ranges, and NVTX ranges
    trace_file.py      read the trace that it writes; trace_tables.py adds it up by stage and operator
    scores.py          scores of real, generated and held-out images
    saliency.py        the pixels on which a score depends most
    codes.py           reconstructions, and codes projected to a plane
    activations.py     the outputs of every layer for one image
    layers.py          shared: layers by name
    log2_histogram.py  shared: histograms over octaves
    selected_input.py  shared: the image that is inspected

Everything here takes a Trainer and leaves it unchanged unless its docstring says otherwise. Begin with walk.py.
"""
