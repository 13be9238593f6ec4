"""A GAN as the usual PyTorch tutorials train it: a DataLoader over pictures, Adam, `.item()` in every step.

The order of the passes is that of PyTorch's DCGAN tutorial: the discriminator on real images, then on generated ones
without their graph, then the generator on the same images, whose gradients also reach the discriminator's weights,
where nobody reads them. Networks and images are those of the template; as in torchvision's data sets, a picture is read
as a PIL image and transformed one by one.
"""

from collections.abc import Iterator

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from pipeline.bench.loops.opened import Opened
from pipeline.bench.turns import Train
from pipeline.data.images import ImageSet
from pipeline.families.adversarial.family import DISCRIMINATOR, GENERATOR


class Pictures(Dataset[Tensor]):
    """Grey or RGB images, each transformed to a tensor (C, H, W) in [-1, 1] when it is read."""

    def __init__(self, images: ImageSet) -> None:
        assert isinstance(images.pixels, Tensor), "loops by hand are measured on images in memory"
        self._pixels = images.pixels.permute(0, 2, 3, 1).cpu().contiguous().numpy()
        self._transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5)])

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, index: int) -> Tensor:
        pixels = self._pixels[index]
        image: Tensor = self._transform(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
        return image


def tutorial(opened: Opened) -> Train:
    """Train as a tutorial does; only for a cross-entropy between two unconditional networks."""
    state, settings = opened.state(), opened.experiment.settings
    generator, discriminator = state.networks[GENERATOR], state.networks[DISCRIMINATOR]
    criterion, device, dim = nn.BCEWithLogitsLoss(), settings.device, opened.objective.generator.latents.dim
    optimizers = {
        role: torch.optim.Adam(state.networks[role].parameters(), lr=group["lr"], betas=group["betas"])
        for role, group in ((role, state.optimizers[role].param_groups[0]) for role in (GENERATOR, DISCRIMINATOR))
    }
    loader = DataLoader(
        Pictures(opened.experiment.images.train), batch_size=settings.batch_size, shuffle=True, drop_last=True
    )
    ones = torch.ones(settings.batch_size, device=device)
    zeros = torch.zeros(settings.batch_size, device=device)

    def endless() -> Iterator[Tensor]:
        while True:
            yield from loader

    batches = endless()
    history: list[tuple[float, ...]] = []

    def train(steps: int) -> None:
        for _ in range(steps):
            optimizers[DISCRIMINATOR].zero_grad()
            scores = discriminator(next(batches).to(device))
            loss_real = criterion(scores, ones)
            torch.autograd.backward(loss_real)
            real_mean = scores.mean().item()
            fake = generator(torch.randn(settings.batch_size, dim, device=device))
            scores = discriminator(fake.detach())
            loss_fake = criterion(scores, zeros)
            torch.autograd.backward(loss_fake)
            fake_mean = scores.mean().item()
            optimizers[DISCRIMINATOR].step()

            optimizers[GENERATOR].zero_grad()
            loss = criterion(discriminator(fake), ones)
            torch.autograd.backward(loss)
            optimizers[GENERATOR].step()
            history.append((loss_real.item() + loss_fake.item(), loss.item(), real_mean, fake_mean))

    return train
