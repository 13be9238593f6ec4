"""Drawing from checkpoints, on the pages Inspect and Generate.

drawing.py      drawings, made once for all browsers; progress, and a button that stops them
fields.py       fields for weights, class and the options of the sampler
path_view.py    the way from noise to images at one checkpoint
"""
