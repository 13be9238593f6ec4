"""Looking into networks.

layers.py            probes over time, histograms, scores; begin here
network_pictures.py  saliency and activations of one image
codes.py             reconstructions, and codes in the plane
"""
