import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.families import shared_words
from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.family import Family, Role, UpdateKind
from pipeline.families.words import Words
from pipeline.graph import document
from pipeline.runtime.messages.snapshot import StageSnapshot
from pipeline.studio import workflows
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import stages_of

LIVE = {"discriminator_optimizer.learning_rate": 0.001, "gp.penalty_weight": 10.0, "r1.penalty_weight": 0.5}
WEIGHTS = (
    {"name": "conv.weight", "shape": [8, 1, 4, 4], "weight": 3.0, "gradient": 0.3, "update": 0.003},
    {"name": "conv.bias", "shape": [8], "weight": 4.0, "gradient": 0.4, "update": 0.004},
    {"name": "norm.bias", "shape": [8], "weight": 0.0, "gradient": None, "update": 0.01},
)


def run(template="dcgan"):
    return stages_of(document.write(workflows.open_template(template)), 64)


def stage(name, update="discriminator", node="discriminator", **found):
    usual = {"number": 3, "of": 14, "next_update": update, "next_name": "loss", "next_node": "objective"}
    return StageSnapshot(update=update, name=name, node=node, **{**usual, **found})


def caption(name, template="dcgan", **found):
    return stage_text.caption(stage(name, **found), run(template), LIVE)


def test_the_objective_says_whether_scores_are_probabilities():
    assert run("dcgan").facts.scores == run("mlp-gan").facts.scores == "probability"
    assert run("wgan-gp").facts.scores == "critic"
    assert run("vae").facts.scores is None


def test_nodes_are_named_by_their_titles_and_an_unknown_one_by_its_id():
    assert run().facts.title("objective") == "Cross-entropy"
    assert run().facts.title("gone") == "gone"


def test_the_place_of_a_stage_in_its_step_and_the_next_stage():
    third = stage("generate")
    assert stage_text.place(third, 120) == "Step 121 · stage 3 of 14 · discriminator's update"
    assert stage_text.upcoming(third, run(), 120) == "loss (Cross-entropy)"


def test_the_place_of_the_last_stage_says_that_the_step_is_done():
    last = stage("update", update="generator", number=14, next_update="discriminator", next_name="draw real images")
    assert stage_text.place(last, 1121) == "Step 1,121 is done · stage 14 of 14 · generator's update"
    assert stage_text.upcoming(last, run(), 1121).endswith("the first stage of step 1,122")


@pytest.mark.parametrize(
    ("next_update", "words"),
    [
        ("generator", "draw noise (Noise), the first stage of the generator update"),
        ("discriminator", "draw noise (Noise), the first stage of another discriminator update"),
    ],
)
def test_after_the_last_stage_of_an_update_the_next_update_is_named(next_update, words):
    moved = stage("update", next_update=next_update, next_name="draw noise", next_node="noise", next_begins=True)
    assert stage_text.upcoming(moved, run(), 0) == words


def test_networks_trained_together_are_updated_in_the_same_update():
    moved = stage("update", "autoencoder", next_name="update", next_node="decoder_optimizer", roles=("encoder",))
    assert stage_text.upcoming(moved, run("vae"), 0) == "weight update (Decoder Adam)"


def test_drawing():
    assert caption("draw real images") == "Drew 64 real images from the training set."
    assert "compares" in caption("draw real images", update="generator")
    assert caption("draw noise", latents=((1.0, -1.0), (3.0, 1.0))) == (
        "Drew 64 vectors of 2 random numbers, one for each image to generate. "
        "The first 2 have a mean of 1.00 and a standard deviation of 1.41."
    )


def test_generating_says_which_network_is_the_one_to_learn():
    assert "It is not trained in this update" in caption("generate")
    assert "This update trains the generator" in caption("generate", update="generator")


def test_scores_that_are_probabilities():
    told = caption("score fake", scores=(0.02, 0.88, 0.3))
    assert told == (
        "The discriminator scored the 3 generated images: 0.4 on average, from 0.02 to 0.88. "
        "A score is the probability that an image is real. The discriminator learns to score these low."
    )
    assert caption("score real", scores=(0.5,)).endswith("The discriminator learns to score these high.")
    for name in ("score fake", "score fake again"):
        told = caption(name, update="generator", scores=(0.5,))
        assert told.endswith("The generator learns to raise these scores.")
    assert "They are the images of the discriminator's last update" in told


def test_a_critics_scores_are_no_probabilities():
    told = caption("score fake", "wgan-gp", scores=(-12.0, 30.0))
    assert "9 on average, from -12 to 30" in told and "probability" not in told and "unbounded" in told


def test_a_loss_is_explained_by_its_terms():
    values = {"D_loss: real": 0.64, "D_loss: fake": 0.57, "D_loss": 1.21, "D_real": 0.53, "D_fake": 0.44}
    assert caption("loss", values=values) == (
        "D_loss is 1.21: 0.64 from real images and 0.57 from generated images. "
        "Real images scored 0.53 on average (D_real), generated ones 0.44 (D_fake). "
        "The discriminator is trained to minimise it."
    )


def test_a_loss_of_one_term_says_it_once():
    told = caption("loss", update="generator", values={"G_loss: fake": 0.8, "G_loss": 0.8})
    assert told == "G_loss is 0.8, from generated images. The generator is trained to minimise it."


def test_a_penalty_is_explained_by_its_weight_and_contribution():
    values = {"gradient_penalty": 0.8, "D_loss": 8.2, "critic_slope": 0.1}
    assert caption("penalty", node="gp", values=values) == (
        "gradient_penalty is 0.8. With its weight of 10 it adds 8 to D_loss, which is now 8.2. "
        "The mean gradient norm of the scores is 0.1 (critic_slope)."
    )
    assert "its weight of 0.5 it adds 1 to" in caption("penalty", node="r1", values={"r1": 2.0, "D_loss": 3.0})


def test_a_penalty_without_weight_was_left_out():
    left_out = stage_text.caption(stage("penalty", node="r1", values={"r1": 0.0}), run(), {"r1.penalty_weight": 0.0})
    assert left_out == "The weight of r1 is 0, so it was skipped."


def test_changes_of_images_and_weights_are_described():
    assert "Added new noise to every image" in caption("add noise", node="noise")
    clipped = stage_text.caption(stage("clip weights", node="clip"), run(), {"clip.bound": 0.01})
    assert clipped == "Clipped every weight of the discriminator to between −0.01 and 0.01."


def test_gradients_name_the_largest():
    told = caption("gradients", values={"D_grad_norm": 0.5}, parameters=WEIGHTS)
    assert told == (
        "Computed the gradients of D_loss for the weights of the discriminator: the norm over 2 tensors is 0.5; "
        "the largest is 0.4, of conv.bias."
    )


def test_an_update_says_how_far_the_weights_were_moved():
    # √(0.003² + 0.004²) / √(3² + 4²); the ratio is undefined for the tensor of zeros.
    told = caption("update", node="discriminator_optimizer", parameters=WEIGHTS)
    assert told == (
        "Adam, at a learning rate of 0.001, updated the weights of the discriminator by 0.1 % of their norm. "
        "conv.weight changed most, by 0.1 % of its norm."
    )


def test_an_update_by_a_schedule_says_which_learning_rate_it_used():
    told = caption("update", node="discriminator_optimizer", values={"D_learning_rate": 0.0005}, parameters=WEIGHTS)
    assert told.startswith("Adam, at a learning rate of 0.0005, updated the weights of the discriminator")


def test_an_unknown_stage_is_described_by_its_name_and_values():
    assert stage_text.heading("mix styles", run()) == "Mix styles"
    assert caption("mix styles", node="gone", values={"share": 0.25}) == (
        "gone finished its stage “mix styles” in the discriminator's update. Values: share 0.25."
    )


def letters(formula, template):
    return stage_text.letters(stage("loss", formula=formula), run(template))


def test_the_symbols_of_a_formula_are_explained():
    plain = r"-\mathbb{E}[D(x)]"
    assert letters("", "dcgan") == ""
    assert "sigmoid" in letters(plain, "dcgan")
    assert "sigmoid" not in letters(plain, "wgan-gp")
    assert "between the two" in letters(r"D(\hat{x})", "wgan-gp")
    assert letters(r"w \leftarrow w", "wgan-gp") == "$w$ is a weight of the network."
    assert letters(r"z = \mu + \sigma \cdot \varepsilon", "vae") == (
        r"$\mu$ and $\sigma$ are the mean and the standard deviation of each code, from the encoder; "
        r"$\varepsilon$ is noise, $z$ the code."
    )
    assert letters("a + b", "vae") == ""


def test_the_stages_of_an_autoencoder():
    codes = ((1.0, -1.0), (3.0, 1.0))
    assert caption("encode", "vae", update="autoencoder", latents=codes) == (
        "The encoder computed a code for each of the 64 images (2 numbers each; the first 2 have a mean of 1.00 and a "
        "standard deviation of 1.41)."
    )
    assert "one code for each image" in caption("sample codes", "vae", update="autoencoder", latents=codes)
    assert caption("decode", "vae", update="autoencoder").startswith("The decoder made an image from each of the 64")
    values = {"reconstruction": 80.0, "kl": 25.0, "loss: reconstruction": 80.0, "loss: kl": 12.5, "loss": 92.5}
    assert caption("loss", "vae", update="autoencoder", values=values) == (
        "loss is 92.5: 80 from the reconstruction error and 12.5 from the KL term. The codes' KL divergence from "
        "the noise is 25 nats, weighted by 0.5. The autoencoder is trained to minimise it."
    )


def test_gradients_of_two_networks_are_described_together():
    told = caption(
        "gradients",
        "vae",
        update="autoencoder",
        roles=("encoder", "decoder"),
        parameters=WEIGHTS,
        values={"grad_norm": 0.5},
    )
    assert told.startswith("Computed the gradients of loss for the weights of the encoder and the decoder: the norm")


def test_gradients_of_a_denoiser_name_the_loss_that_is_recorded():
    values = {"denoiser_grad_norm": 0.5}
    told = caption("gradients", "flow", update="denoiser", roles=("denoiser",), parameters=WEIGHTS, values=values)
    assert told.startswith("Computed the gradients of denoising_loss for the weights of the denoiser: the norm")


NUMBERS = st.floats(width=32)
NAMES = st.sampled_from(
    [*shared_words.WORDS.describers, *ADVERSARIAL.words.describers, *AUTOENCODER.words.describers, "", "own"]
)
ROWS = st.fixed_dictionaries(
    {"name": st.text(max_size=9), "shape": st.lists(st.integers(1, 9), max_size=3)}
    | {name: st.none() | NUMBERS for name in ("weight", "gradient", "update")}
)
KEYS = st.sampled_from(["D_loss", "D_loss: real", "G_loss: ", "r1", "D_grad_norm", ": ", "", "D_real", "D_fake"])


@pytest.mark.parametrize("template", ["dcgan", "wgan-gp", "vae"])
@example("score fake", {}, [math.inf, -math.inf, math.nan], [])
@example("update", {}, [], [{"name": "w", "shape": [1], "weight": 1e-45, "gradient": None, "update": 3e38}])
@given(NAMES, st.dictionaries(KEYS, NUMBERS), st.lists(NUMBERS, max_size=5), st.lists(ROWS, max_size=3))
def test_every_possible_stage_has_a_sentence_in_its_familys_words(template, name, values, scores, rows):
    seen, told = stage(name, values=values, scores=tuple(scores), parameters=tuple(rows)), run(template)
    assert stage_text.caption(seen, told, LIVE).endswith(".")
    # `caption` would catch errors, so call the built-in words directly: they must not raise.
    if teller := told.words.describers.get(name) or shared_words.WORDS.describers.get(name):
        assert teller(seen, told.facts, LIVE).endswith(".")


def own_words(**words):
    """A run of a custom family with these words."""
    family = Family("own", "Own", (Role("denoiser", "sky"),), (UpdateKind("denoiser"),), words=Words(**words))
    return replace(run(), family=family)


def test_a_custom_familys_words_are_used_and_the_general_words_for_the_rest():
    own = own_words(
        headings={"add noise": "Make it noisy"},
        describers={"add noise": lambda stage, facts, live: f"Noise went into {facts.batch} images."},
        images={"add noise": "noisy"},
        vectors={"embed": "Embeddings"},
    )
    assert stage_text.heading("add noise", own) == "Make it noisy"
    assert stage_text.caption(stage("add noise"), own, LIVE) == "Noise went into 64 images."
    assert stage_text.images(stage("add noise"), own) == "noisy"
    assert stage_text.vectors(stage("embed"), own) == "Embeddings"
    assert stage_text.heading("update", own) == "Weight update"
    assert stage_text.caption(stage("draw real images"), own, LIVE) == "Drew 64 real images from the training set."
    assert stage_text.images(stage("draw real images"), own) == "real"
    assert (stage_text.images(stage("denoise"), own), stage_text.vectors(stage("denoise"), own)) == (
        "generated",
        "Vectors",
    )


@pytest.mark.parametrize("words", ["", None, 7, b"bytes"])
def test_words_that_return_nothing_are_replaced_by_the_generic_sentence(words):
    own = own_words(describers={"denoise": lambda *_: words}, formula=lambda *_: words)
    assert "finished its stage “denoise” in the denoiser's update" in stage_text.caption(
        stage("denoise", update="denoiser"), own, LIVE
    )
    assert stage_text.letters(stage("denoise", formula="x"), own) == ""


@pytest.mark.parametrize("error", [KeyError("no such number"), SystemExit(3), BaseException()])
def test_words_that_fail_are_replaced_by_the_generic_sentence(error):
    def fail(*_):
        raise error

    own = own_words(describers={"denoise": fail}, formula=fail)
    assert stage_text.caption(stage("denoise", node="gone", update="denoiser", values={"mse": 2.0}), own, LIVE) == (
        "gone finished its stage “denoise” in the denoiser's update. Values: mse 2."
    )
    assert stage_text.letters(stage("denoise", formula="x"), own) == ""


def test_stages_of_a_run_with_an_unknown_family_are_described_too():
    unknown = replace(run(), family=None)
    assert stage_text.caption(stage("draw real images"), unknown, LIVE) == "Drew 64 real images from the training set."
    assert "finished its stage “generate”" in stage_text.caption(stage("generate"), unknown, LIVE)
