"""The film strip: the sample grids of a run under one slider.

film_strip.py       the whole view; begin here
path_strip.py       the way from noise to images, under the same slider
film_controls.py    frame, units and comparison
film_pictures.py    the pictures, rendered once for all browsers
film_sample.py      one sample: enlarged, over time, and its nearest real images
film_url.py         keep the view and the page's URL in step
"""
