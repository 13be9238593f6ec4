"""Drawing from checkpoints, on the pages Inspect, Generate and Evaluate.

run_picker.py   fields for the run and its checkpoint, which are kept in the address
drawing.py      drawings, made once for all browsers; progress, and a button that stops them
fields.py       fields for weights, class and the options of the sampler
path_view.py    the way from noise to images at one checkpoint
"""
