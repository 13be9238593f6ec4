"""The checksum of TFRecord files."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as tensorboards

from pipeline.runs.event_files.crc32c import PIECE, SHORT, crc32c, masked_crc32c


def test_the_checksum_is_that_of_the_standard():
    # RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and ascending; and the check value of the catalogue of CRCs.
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"123456789") == 0xE3069283


@given(st.integers(0, 2**32), st.integers(SHORT - 2, SHORT + 3 * PIECE))
@settings(max_examples=30)
def test_long_data_cut_into_pieces_has_the_checksum_that_tensorboard_computes(seed, length):
    data = Random(seed).randbytes(length)
    assert masked_crc32c(data) == tensorboards(data)
