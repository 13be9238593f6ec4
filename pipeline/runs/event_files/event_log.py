"""One event file of TensorBoard: a TFRecord file of `Event` messages.

    with EventLog(path, now=time.time()) as log:
        log.scalars(1, time.time(), {"loss": 0.5})   # `flush` shows it, the end of the block does too

A record is its length (8 bytes), a checksum of that, the message, and a checksum of it:
https://github.com/tensorflow/tensorboard/blob/master/tensorboard/summary/writer/record_writer.py
"""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pipeline.errors.machine import MissingPackage
from pipeline.runs.event_files.crc32c import masked_crc32c
from pipeline.runs.event_files.layer_counts import Histogram
from pipeline.runs.event_files.texts import Value

_DT_STRING = 7
_DT_FLOAT = 1
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
"""Channels of a PNG by its colour type."""


PENDING = 2**20
"""Bytes that are kept in memory at most."""


class EventLog:
    """An event file that is written to. Records are kept in memory until `flush`, or until they are a megabyte; between
    writes the file is not open, so that a log that grows for days needs no closing.

    Every method takes the step, and the time in seconds since 1970 that TensorBoard shows. OSError is raised as it is;
    MissingPackage if TensorBoard is not installed.
    """

    def __init__(self, path: Path, now: float, purge_from: int | None = None) -> None:
        """Create the file, or replace it. purge_from: TensorBoard forgets what earlier files of the folder say of this
        step and later ones."""
        try:
            from tensorboard.compat.proto import event_pb2, summary_pb2
        except ModuleNotFoundError:
            raise MissingPackage("tensorboard", "Event files of TensorBoard") from None
        self._events: Any = event_pb2
        self._summaries: Any = summary_pb2
        self._path = path
        self._pending = bytearray()
        path.write_bytes(b"")
        self._write(event_pb2.Event(wall_time=now, file_version="brain.Event:2"))
        if purge_from is not None:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            self._write(event_pb2.Event(wall_time=now, step=purge_from, session_log=start))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.flush()

    def scalars(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """The values of series at a step, by name."""
        self._add(step, time, [{"tag": name, "simple_value": value} for name, value in values.items()])

    def image(self, tag: str, step: int, time: float, png: bytes) -> None:
        """A picture, as the bytes of a PNG."""
        width, height = struct.unpack(">II", png[16:24])
        picture = self._summaries.Summary.Image(
            width=width, height=height, colorspace=_CHANNELS[png[25]], encoded_image_string=png
        )
        self._add(step, time, [{"tag": tag, "image": picture}])

    def histograms(self, step: int, time: float, histograms: Mapping[str, Histogram]) -> None:
        """Histograms at a step, by tag."""
        proto = self._summaries.HistogramProto
        values = [
            {
                "tag": tag,
                "histo": proto(
                    min=each.edges[0],
                    max=each.edges[-1],
                    num=int(each.counts.sum()),
                    bucket_limit=each.edges[1:].tolist(),
                    bucket=each.counts.tolist(),
                ),
            }
            for tag, each in histograms.items()
        ]
        self._add(step, time, values)

    def text(self, tag: str, step: int, time: float, markdown: str) -> None:
        """A text in Markdown."""
        from tensorboard.compat.proto import tensor_pb2, tensor_shape_pb2

        one = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)])
        tensor = tensor_pb2.TensorProto(dtype=_DT_STRING, tensor_shape=one, string_val=[markdown.encode()])
        self._add(step, time, [{"tag": tag, "metadata": self._metadata("text", b""), "tensor": tensor}])

    def hyperparameters(self, name: str, time: float, values: Mapping[str, Value]) -> None:
        """What TensorBoard's HParams page lists of a run. time: when it began."""
        from tensorboard.compat.proto import tensor_pb2, tensor_shape_pb2
        from tensorboard.plugins.hparams import plugin_data_pb2

        info = plugin_data_pb2.SessionStartInfo(group_name=name, start_time_secs=time)
        for key, value in values.items():
            match value:
                case bool():
                    info.hparams[key].bool_value = value
                case str():
                    info.hparams[key].string_value = value
                case _:
                    info.hparams[key].number_value = value
        content = plugin_data_pb2.HParamsPluginData(session_start_info=info).SerializeToString()
        none = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=0)])
        tensor = tensor_pb2.TensorProto(dtype=_DT_FLOAT, tensor_shape=none)
        tag = "_hparams_/session_start_info"
        self._add(0, time, [{"tag": tag, "metadata": self._metadata("hparams", content), "tensor": tensor}])

    def flush(self) -> None:
        """Append everything to the file, so that TensorBoard sees it."""
        if self._pending:
            with self._path.open("ab") as file:
                file.write(self._pending)
            self._pending.clear()

    def _metadata(self, plugin: str, content: bytes) -> Any:
        data = self._summaries.SummaryMetadata.PluginData(plugin_name=plugin, content=content)
        return self._summaries.SummaryMetadata(plugin_data=data)

    def _add(self, step: int, time: float, values: list[dict[str, Any]]) -> None:
        if values:
            summary = self._summaries.Summary(value=[self._summaries.Summary.Value(**each) for each in values])
            self._write(self._events.Event(step=step, wall_time=time, summary=summary))

    def _write(self, event: Any) -> None:
        content = event.SerializeToString()
        length = struct.pack("<Q", len(content))
        checksums = [struct.pack("<I", masked_crc32c(part)) for part in (length, content)]
        self._pending += b"".join([length, checksums[0], content, checksums[1]])
        if len(self._pending) > PENDING:
            self.flush()
