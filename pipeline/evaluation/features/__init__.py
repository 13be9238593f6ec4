"""Networks that describe images by features, behind one signature.

signature.py             start here: Features and Seen
choose.py                which features: by name, by file, or those that fit the images best
preparation.py           how images become what a network takes: channels and sizes
digits.py                handwritten digits: a small classifier; its weights are beside it
own.py                   a small classifier trained on a run's own labelled images, and kept
variation.py             training images of such classifiers moved, turned and scaled at random
efficientnet.py          EfficientNet-Lite0, trained on ImageNet, whose weights come with a package
from_file.py             a network whose weights a user has, known by its tensors:
inception.py               the Inception network of the FID
dinov2.py                  DINOv2, a vision transformer, in four sizes
"""
