"""What two processes and a single one train alike: small workflows, one for each kind of update."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from pipeline.families.adversarial.family import DISCRIMINATOR
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.objectives.penalties import r1
from pipeline.ranks.ranks import Ranks
from pipeline.studio.workflows import open_template
from pipeline.training.experiment import Experiment
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import TrainState
from pipeline.training.update_operations import draw_real_images, gradients, optimizer_step

BATCH = 12
"""No power of two, so that the means of halves are rounded otherwise than those of the whole."""
STEPS = 20
OPTIMIZERS = ("SGD", "Adam")
"""Adam as in the template."""
SGD = {"learning_rate": 0.01, "momentum": 0.9}
GRADIENT_BOUND = 1e-5
"""How far gradients of the first step may be apart."""
BOUNDS: Mapping[str, float] = {"SGD": 1e-5, "Adam": 1e-4}
"""How far weights may be apart after STEPS."""
SMALL: Mapping[str, Mapping[str, object]] = {
    "MLPGenerator": {"hidden": "16,16"},
    "MLPDiscriminator": {"hidden": "16,16"},
    "MLPEncoder": {"hidden": "16"},
    "MLPDecoder": {"hidden": "16"},
    "DCGANGenerator": {"base_channels": 4},
    "DCGANDiscriminator": {"base_channels": 4},
    "ConvEncoder": {"base_channels": 4},
    "ConvDecoder": {"base_channels": 4},
    "SpatialEncoder": {"base_channels": 4},
    "SpatialDecoder": {"base_channels": 4},
    "UNetDenoiser": {"channels": "16,16"},
    "GaussianNoise": {"dim": 16},
}
"""Parameters, by node type, that make a step take milliseconds."""

Change = Callable[[Experiment], Experiment]


@dataclass(frozen=True)
class Case:
    """A workflow to train. settings: "node.parameter=value" each. stacked: nodes inserted after the objective, in
    order. change: what is done to the built parts. only: name of an update that runs alone after half of the steps.
    tested: whether it is one of those that the tests train; the others are only measured."""

    template: str
    settings: tuple[str, ...] = ()
    stacked: tuple[str, ...] = ()
    change: Change | None = None
    only: str = ""
    tested: bool = False

    def workflow(self, optimizer: str) -> Workflow:
        """The workflow on 8×8 digits, with this optimizer for every network."""
        workflow = open_template(self.template)
        last = "penalty" if "penalty" in workflow.nodes else "objective"
        for kind in self.stacked:
            workflow, last = insert_node(workflow, kind, last, NODES)
        nodes = dict(workflow.nodes)
        for name, node in nodes.items():
            if node.class_type == "Adam" and optimizer == "SGD":
                nodes[name] = replace(node, class_type="SGD", inputs={"network": node.inputs["network"], **SGD})
        sized = [f"{name}.{key}={value}" for name, node in nodes.items() for key, value in smaller(node.class_type)]
        settings = (f"training.batch_size={BATCH}", "training.ema_halflife_images=100", *sized, *self.settings)
        return apply_settings(replace(workflow, nodes=nodes), ("data.dataset=digits", *settings), NODES)

    def experiment(self, optimizer: str, home: Path, ranks: Ranks, device: str = "cpu") -> Experiment:
        built = assemble(self.workflow(optimizer), home, device, seed=3, ranks=ranks)
        return self.change(built) if self.change else built


def smaller(class_type: str) -> list[tuple[str, object]]:
    """The parameters of a node of this type that make it small."""
    found: dict[str, object] = {**SMALL.get(class_type, {})}
    if class_type.endswith(("Generator", "Decoder")):
        found["image_size"] = 8
    return list(found.items())


def with_penalty_updates(experiment: Experiment) -> Experiment:
    """With one more update of the discriminator in each step, whose only loss is R1. Its gradient does not reach every
    weight: a bias of the last layer has none."""
    settings, images, optimizer = experiment.settings, experiment.images, experiment.optimizers[DISCRIMINATOR]
    random = torch.Generator()

    def penalty(state: TrainState, made: Made) -> Made:
        found = r1(state.networks[DISCRIMINATOR], made["real"], made["real"], random)
        return {"penalty": found.value}

    update = Update(
        "penalty",
        "penalty_updates",
        (
            *draw_real_images(images, settings),
            Operation("penalty", images.node, penalty),
            gradients((DISCRIMINATOR,), images.node, "penalty", "penalty_grad_norm"),
            optimizer_step(DISCRIMINATOR, optimizer, settings.total_steps, "penalty_grad_norm", ""),
        ),
    )
    return replace(experiment, updates=(*experiment.updates, update))


WITHOUT_DROPOUT = ("discriminator.dropout=0",)
CLIPPED = ("generator_optimizer.clip_norm=0.01", "discriminator_optimizer.clip_norm=0.01")
ADAPTIVE = ("diff_augment.adaptive=true", "diff_augment.adjust_images=1000")
ONE_LEVEL = ("network.channels=16",)
"""With a second level, the latents of an 8×8 image would be one place there, where groups of two numbers are
normalized: nearly a step function, which made ten times as much of a rounding error at each step (4e-3 after 20 with
Adam)."""
EVERY_OPERATION = tuple(
    f"diff_augment.{name}={value}"
    for name, value in {"rotate": 20, "scale": 0.2, "crop": 0.1, "noise": 0.1, "horizontal_flip": 0.5}.items()
)

CASES: Mapping[str, Case] = {
    "GAN, dropout": Case("mlp-gan", tested=True),
    "GAN, an update alone": Case("mlp-gan", only=DISCRIMINATOR),
    "GAN, batch norm": Case("dcgan"),
    "GAN, batch norm and classes": Case("conditional-dcgan", tested=True),
    "GAN, spectral norm": Case("hinge-sngan", tested=True),
    "GAN, attention": Case("hinge-sngan", ("generator.attention=4", "discriminator.attention=4")),
    "GAN, relativistic": Case("r3gan", ("penalty.penalty_weight=0",)),
    "GAN, least squares": Case("lsgan"),
    "GAN, label smoothing": Case("mlp-gan", stacked=("LabelSmoothing",)),
    "GAN, instance noise": Case("mlp-gan", stacked=("InstanceNoise",), tested=True),
    "GAN, DiffAugment": Case("mlp-gan", EVERY_OPERATION, ("DiffAugment",), tested=True),
    "GAN, ADA": Case("dcgan", ADAPTIVE, ("DiffAugment",), tested=True),
    "GAN, weight clipping": Case("mlp-gan", stacked=("WeightClipping",)),
    "GAN, clipped gradients": Case("mlp-gan", CLIPPED),
    "penalised: two-sided": Case("wgan-gp", tested=True),
    "penalised: one-sided": Case("wgan-gp", ("gradient_penalty.sides=one-sided",)),
    "penalised: R1 and R2": Case("r3gan", tested=True),
    "penalised: R1": Case("mlp-gan", (*WITHOUT_DROPOUT, "r1_r2_penalty.images=R1"), ("R1R2Penalty",)),
    "penalised: R1 through batch norm": Case("dcgan", stacked=("R1R2Penalty",)),
    "penalised: DRAGAN": Case("mlp-gan", WITHOUT_DROPOUT, ("DRAGANPenalty",), tested=True),
    "penalised: weights": Case("mlp-gan", stacked=("WeightPenalty",)),
    "only a penalty": Case("mlp-gan", WITHOUT_DROPOUT, change=with_penalty_updates, tested=True),
    "autoencoder": Case("autoencoder"),
    "autoencoder, VAE": Case("vae", tested=True),
    "diffusion, logit-normal times": Case("flow"),
    "diffusion, uniform times": Case("ddpm", (*ONE_LEVEL, "network.dropout=0.2"), tested=True),
    "diffusion, latents": Case("latent-diffusion", ("training.autoencoder_steps=10", *ONE_LEVEL), tested=True),
}
"""By what the update has that others have not."""
