"""Why the series of an autoencoder matter, by name: two sentences and a source each."""

from collections.abc import Mapping

from pipeline.why import Why

_VAE = ("Kingma and Welling 2013", "https://arxiv.org/abs/1312.6114")
_RATES = ("Bottou, Curtis and Nocedal 2018", "https://arxiv.org/abs/1606.04838")

WHYS: Mapping[str, Why] = {
    "loss": Why(
        "It is the reconstruction error and, in a variational autoencoder, the weighted KL divergence. With a weight "
        "of 1 their sum is an upper bound on the negative log-likelihood of the images.",
        *_VAE,
    ),
    "reconstruction": Why(
        "It says how much of an image is lost on its way through the code. A code that is too small, or held too close "
        "to the noise, leaves blurred images and a high error.",
        "Hinton and Salakhutdinov 2006",
        "https://doi.org/10.1126/science.1127647",
    ),
    "kl": Why(
        "It measures, in nats, how much a code tells about its image beyond the noise from which new images are drawn. "
        "If it falls to zero, the decoder ignores the codes and all its images look alike.",
        "Bowman et al. 2016",
        "https://arxiv.org/abs/1511.06349",
    ),
    "grad_norm": Why(
        "The norm of the gradient says how strongly one batch pulls on the weights of both networks. A sudden jump "
        "warns of an explosion, and a norm near zero means that training has come to rest.",
        "Pascanu, Mikolov and Bengio 2013",
        "https://arxiv.org/abs/1211.5063",
    ),
    "encoder_learning_rate": Why(
        "The learning rate scales every update of the encoder's weights. A schedule lowers it, so that the weights can "
        "settle near a good point instead of jumping around it.",
        *_RATES,
    ),
    "decoder_learning_rate": Why(
        "The learning rate scales every update of the decoder's weights. It explains a loss that stands still: with a "
        "rate near zero nothing more is learned.",
        *_RATES,
    ),
    "held_out_reconstruction": Why(
        "It is the error on images that the networks never trained on. If it rises while the error of the batches "
        "still falls, the networks memorise their training images.",
        "Goodfellow, Bengio and Courville 2016, chapter 5",
        "https://www.deeplearningbook.org/contents/ml.html",
    ),
    "mean_image_error": Why(
        "Without any information about an image, the best guess under a squared error is the mean image. An "
        "autoencoder has learned something only where its error lies below this line.",
        "Bishop 2006, Pattern Recognition and Machine Learning, section 1.5.5",
    ),
    "active_units": Why(
        "A latent dimension is active if its mean code varies between images. Dimensions that do not vary carry no "
        "information: few active ones mean that the KL term is too strong, or the code larger than needed.",
        "Burda, Grosse and Salakhutdinov 2016",
        "https://arxiv.org/abs/1509.00519",
    ),
}
