"""Looking into networks.

layers.py            probes over time, histograms, scores; begin here
network_pictures.py  saliency and activations of one image
profiles.py          where the time of a step goes, by stage and operator
codes.py             reconstructions, and codes in the plane
"""
