"""The film strip: the sample grids that a run keeps.

sample_frames.py  which grids there are; begin here
checkpoint_frames.py  the checkpoints in their place
film_view.py      the state of the view, to and from a URL
film_pictures.py  frames, comparisons and samples as PNG
"""
