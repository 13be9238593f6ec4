"""The views of the Inspect page, except the film strip.

view_choice.py      which view this browser shows; begin here
stage_view.py       the walk through a step; its data in stage_data.py, charts in stage_charts.py
stage_rail.py       all stages of the step, done and to come
layers_view.py      layers over time; its charts in layer_charts.py
look_inside.py      activations and saliency of one image, on demand
profile_view.py     where the time of a step goes; its chart in profile_charts.py
codes_view.py       reconstructions, and codes in the plane
"""
