"""The declarations of latent diffusion: an autoencoder and a denoiser of its latents, trained one after the other, or
the denoiser alone if the autoencoder comes trained."""

from dataclasses import replace

from pipeline.families.autoencoder import rules as autoencoder
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.diffusion import rules as diffusion
from pipeline.families.diffusion.family import DIFFUSION
from pipeline.families.family import FAMILIES
from pipeline.families.words import Words
from pipeline.health import gradients

WORDS = Words(
    headings={**AUTOENCODER.words.headings, **DIFFUSION.words.headings},
    describers={**AUTOENCODER.words.describers, **DIFFUSION.words.describers},
    images={**AUTOENCODER.words.images, **DIFFUSION.words.images},
    vectors=AUTOENCODER.words.vectors,
    terms=AUTOENCODER.words.terms,
    # Only formulas of the denoiser depend on a time t.
    formula=lambda formula, facts: (DIFFUSION if "_t" in formula else AUTOENCODER).words.formula(formula, facts),
    whys={**AUTOENCODER.words.whys, **DIFFUSION.words.whys},
)

ROLES = tuple(role.name for role in (*AUTOENCODER.roles, *DIFFUSION.roles))
RULES = (
    gradients.not_finite(ROLES),
    *autoencoder.FAILING,
    *diffusion.OWN,
    gradients.dead_units(ROLES),
    *autoencoder.IMPROVING,
)
"""The rules of both, and once those that each has for its own networks."""

LATENT_DIFFUSION = FAMILIES.register(
    replace(
        DIFFUSION,
        name="latent diffusion",
        title="Latent diffusion",
        roles=(*AUTOENCODER.roles, *DIFFUSION.roles),
        updates=(*AUTOENCODER.updates, *DIFFUSION.updates),
        series=(*AUTOENCODER.series, *DIFFUSION.series),
        words=WORDS,
        rules=RULES,
    )
)

LATENT_DENOISING = FAMILIES.register(
    replace(
        DIFFUSION,
        name="latent denoising",
        title="Latent diffusion",
        roles=(*(replace(role, gradient="") for role in AUTOENCODER.roles), *DIFFUSION.roles),
        words=WORDS,
    )
)
"""The autoencoder's networks are there to encode and decode, and are not trained."""
