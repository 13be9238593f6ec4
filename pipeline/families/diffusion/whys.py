"""Why the series of a diffusion model matter, by name: two sentences and a source each."""

from collections.abc import Mapping

from pipeline.why import Why

WHYS: Mapping[str, Why] = {
    "loss": Why(
        "It is the squared error of the prediction, averaged over images at random times. Most of it cannot be "
        "learned, since the noise hides the image, so it falls little and says less than the loss by time.",
        "Ho, Jain and Abbeel 2020",
        "https://arxiv.org/abs/2006.11239",
    ),
    "grad_norm": Why(
        "The norm of the gradient says how strongly one batch pulls on the weights. A sudden jump warns of an "
        "explosion, which clipping bounds.",
        "Pascanu, Mikolov and Bengio 2013",
        "https://arxiv.org/abs/1211.5063",
    ),
    "learning_rate": Why(
        "The learning rate scales every update of the weights. A schedule lowers it, so that the weights can settle "
        "near a good point instead of jumping around it.",
        "Bottou, Curtis and Nocedal 2018",
        "https://arxiv.org/abs/1606.04838",
    ),
    "loss by time": Why(
        "The same images, noise and times are measured each time, so that the curve shows learning and not chance. "
        "Late times decide what an image shows, early ones how sharp it is: a band that stands still is not learned.",
        "Kingma, Salimans, Poole and Ho 2021",
        "https://arxiv.org/abs/2107.00630",
    ),
    "latent_deviation": Why(
        "Noise of deviation 1 hides latents of deviation 1 at the times that the schedule was made for. A channel that "
        "varies much less is hidden at once, one that varies much more hardly at all, and most times teach nothing.",
        "Rombach et al. 2022",
        "https://arxiv.org/abs/2112.10752",
    ),
    "guided_deviation": Why(
        "The best estimate of an image is a mean of images, so it never lies further from the mean image than images "
        "do. Guidance multiplies a difference: beyond 1 it makes colours and shapes that no image has.",
        "Lin et al. 2023",
        "https://arxiv.org/abs/2305.08891",
    ),
}
