import sys, time, torch
from pathlib import Path
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.assemble import assemble
from pipeline.training.trainer import Trainer
from pipeline.training.sampler import draw_images
from pipeline.evaluation.digit_features import features, digits
from pipeline.evaluation.frechet import distance
import inspect

torch.set_num_threads(1)
wf = document.read(Path(sys.argv[1]).read_bytes(), "x")
wf = edit.apply_settings(wf, [*sys.argv[3:]], NODES)
home = Path("/tmp/eval-home")
ex = assemble(wf, home) if "home" not in inspect.signature(assemble).parameters else assemble(wf, home=home)
tr = Trainer.fresh(ex)
known = ex.images.train
held = ex.images.held_out
fk, fh = (features(x.batch(torch.arange(x.count))) for x in (known, held))
marks = [float(x) for x in sys.argv[2].split(",")]
c0 = time.process_time()
spent = 0.0
g = 0
while marks:
    a = time.process_time()
    tr.slice(seconds=1.0)
    spent += time.process_time() - a
    if spent >= marks[0]:
        marks.pop(0)
        a = time.process_time()
        lat = ex.sampler.latents(500, 1)
        im = draw_images(ex.sampler, tr.state.networks_of("ema"), lat)
        t = torch.from_numpy(im).permute(0, 3, 1, 2).float() / 127.5 - 1
        d = distance(features(t), fk, fh)
        acc = (digits(t) == lat.labels).float().mean().item() if lat.labels is not None else -1
        print(
            f"cpu {spent:.0f} s, step {tr.state.step}: distance {d.value:.2f} (floor {d.floor:.2f}), class {acc:.3f}, drawing 500 took {time.process_time() - a:.1f} s",
            flush=True,
        )
