"""Why the series of a GAN matter, by name: two sentences and a source each."""

from collections.abc import Mapping

from pipeline.why import Why

_GAN = ("Goodfellow et al. 2014", "https://arxiv.org/abs/1406.2661")
_PERFECT = ("Arjovsky and Bottou 2017", "https://arxiv.org/abs/1701.04862")
_ADAPTIVE = ("Karras et al. 2020", "https://arxiv.org/abs/2006.06676")

WHYS: Mapping[str, Why] = {
    "D_loss": Why(
        "It measures how well the discriminator tells real images from generated ones. If it falls to zero and stays "
        "there, the discriminator has won, and the generator may learn nothing more.",
        *_GAN,
    ),
    "G_loss": Why(
        "It measures how well generated images pass as real before the present discriminator. Because that judge "
        "changes too, a falling loss does not by itself mean better images.",
        "Arjovsky, Chintala and Bottou 2017",
        "https://arxiv.org/abs/1701.07875",
    ),
    "D_real": Why(
        "The score of real images should stay above that of generated ones, but not far above it. In the original game "
        "both approach one half as the generated images come to follow the distribution of the real ones.",
        *_GAN,
    ),
    "D_fake": Why(
        "The score of generated images rises when they fool the discriminator and falls when it sees through them. A "
        "wide gap to the score of real images that stays means that the generator gets little to learn from.",
        *_PERFECT,
    ),
    "D_grad_norm": Why(
        "The norm of the gradient says how strongly one batch pulls on the discriminator's weights. A sudden jump "
        "warns of an explosion, and a norm near zero means that it has stopped learning.",
        "Pascanu, Mikolov and Bengio 2013",
        "https://arxiv.org/abs/1211.5063",
    ),
    "G_grad_norm": Why(
        "The generator learns only from the gradient that the discriminator passes back to it. Where the discriminator "
        "is nearly perfect, this gradient vanishes.",
        *_PERFECT,
    ),
    "D_learning_rate": Why(
        "The learning rate scales every update of the discriminator's weights. A schedule lowers it, so that the "
        "weights can settle near a good point instead of jumping around it.",
        "Bottou, Curtis and Nocedal 2018",
        "https://arxiv.org/abs/1606.04838",
    ),
    "G_learning_rate": Why(
        "The learning rate scales every update of the generator's weights. Its ratio to that of the discriminator "
        "decides which of the two networks can follow the other.",
        "Heusel et al. 2017",
        "https://arxiv.org/abs/1706.08500",
    ),
    "D_held_out": Why(
        "A discriminator that has learned what real images look like scores held-out images like training images. A "
        "score that falls below that of training images shows that it remembers those instead.",
        *_ADAPTIVE,
    ),
    "D_train": Why(
        "It is the score of images that the discriminator was trained on, measured in eval mode. The score of held-out "
        "images is compared with it: the gap between the two is overfitting.",
        *_ADAPTIVE,
    ),
    "r_t": Why(
        "It is the mean sign of the scores of training images: about 0 without overfitting, and 1 if the discriminator "
        "is sure of each of them. Adaptive augmentation becomes stronger while it is above its target.",
        *_ADAPTIVE,
    ),
}
