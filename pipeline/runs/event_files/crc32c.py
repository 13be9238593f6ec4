"""CRC-32C (Castagnoli), with which TFRecord files protect each record.

Python alone takes 0.3 µs a byte, which for a sample grid would be felt by training. Long data is therefore cut into
pieces that numpy processes together, and whose checksums are combined: appending zero bytes is a linear operation on
the 32 bits of the register, so it can be looked up by byte (as in zlib's `crc32_combine`).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78
"""Bits reversed: the lowest bit is the highest power."""
MASK_DELTA = 0xA282EAD8
PIECE = 128
"""Bytes of a piece."""
SHORT = 4096
"""Data up to this length is not cut: numpy would be slower."""

Registers = NDArray[np.uint32]


def masked_crc32c(data: bytes) -> int:
    """The checksum as TFRecord files hold it: rotated and shifted, since a checksum of data that holds checksums is
    weak."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK_DELTA) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """The checksum, 32 bits."""
    if len(data) <= SHORT:
        table, register = _table_of_ints(), 0xFFFFFFFF
        for byte in data:
            register = table[(register ^ byte) & 0xFF] ^ register >> 8
        return register ^ 0xFFFFFFFF
    count = -(-len(data) // PIECE)
    padded = np.zeros(count * PIECE, np.uint8)
    start = count * PIECE - len(data)
    padded[start:] = np.frombuffer(data, np.uint8)
    # A register that begins with ones is the same as inverting the first four bytes; leading zeros then change nothing.
    padded[start : start + 4] ^= 0xFF
    registers = _through(np.zeros(count, np.uint32), padded.reshape(count, PIECE).T)
    shifted = _shifted_by_a_piece()
    register = 0
    for piece in registers.tolist():
        register = (
            shifted[0][register & 0xFF]
            ^ shifted[1][register >> 8 & 0xFF]
            ^ shifted[2][register >> 16 & 0xFF]
            ^ shifted[3][register >> 24]
            ^ piece
        )
    return register ^ 0xFFFFFFFF


def _through(registers: Registers, columns: NDArray[np.uint8]) -> Registers:
    """The registers (n,) after bytes (length, n), one column each."""
    table = _table()
    for column in columns:
        registers = table[(registers ^ column) & 0xFF] ^ registers >> np.uint32(8)
    return registers


@cache
def _table() -> Registers:
    """The register after one byte, by the byte."""
    registers = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        registers = np.where(registers & 1, registers >> 1 ^ np.uint32(POLYNOMIAL), registers >> 1).astype(np.uint32)
    return registers


@cache
def _table_of_ints() -> list[int]:
    return [int(each) for each in _table()]


@cache
def _shifted_by_a_piece() -> list[list[int]]:
    """What each byte of a register, the lowest first, contributes to the register after a piece of zeros: (4, 256)."""
    starts = np.arange(256, dtype=np.uint32) << np.arange(0, 32, 8, dtype=np.uint32)[:, None]
    after = _through(starts.ravel(), np.zeros((PIECE, 1024), np.uint8))
    return [[int(each) for each in row] for row in after.reshape(4, 256)]
