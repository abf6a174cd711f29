"""The word pairs of pocketsphinx's stock model, read from its file: asked one by one they take seconds.

The file is pocketsphinx's binary trie (``ngrams_trie.c``, ``lm_trie.c`` and ``lm_trie_quant.c`` of
https://github.com/cmusphinx/pocketsphinx): a head, the tables of two orders, the single words, bit-packed
pairs and triples, the words. Pairs lie under their last word, each with the word before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Logs = NDArray[np.float64]  # to the base of pocketsphinx, 1.0001

_HEAD: Final = b"Trie Language Model"
_TABLE: Final = 1 << 16  # of probabilities and of back-off weights, 16 bits each
_SINGLE: Final = np.dtype([("log", "<f4"), ("back_off", "<f4"), ("first", "<u4")])


@dataclass(frozen=True)
class StockPairs:
    """``first[w]`` to ``first[w + 1]`` are the pairs that end with the word w; ``before`` and ``log`` their
    other word and logarithm.
    """

    ids: dict[str, int]
    single: Logs
    back_off: Logs
    first: NDArray[np.int64]
    before: NDArray[np.int64]
    log: Logs

    def rows(self, previous: Sequence[str], words: Sequence[str]) -> Logs:
        """log p(word | previous), [previous, word], as pocketsphinx rounds it. All words are known ones."""
        number = {self.ids[word]: at for at, word in enumerate(previous)}
        place = np.full(len(self.single), -1)
        place[list(number)] = list(number.values())
        after = np.array([self.ids[word] for word in words])
        found = self.back_off[list(number)][:, None] + self.single[after][None, :]
        for at, word in enumerate(after):
            pairs = slice(self.first[word], self.first[word + 1])
            rows = place[self.before[pairs]]
            found[rows[rows >= 0], at] = self.log[pairs][rows >= 0]
        return np.asarray(np.trunc(found), np.float64)


def read(path: Path) -> StockPairs | None:
    """None where the file is not of the form that is read here, a model of three words a piece."""
    content = path.read_bytes()
    if not content.startswith(_HEAD) or content[len(_HEAD)] != 3:
        return None
    try:
        return _read(_Reader(np.frombuffer(content, np.uint8), len(_HEAD) + 1))
    except (ValueError, IndexError, UnicodeDecodeError):
        return None


class _Reader:
    def __init__(self, data: NDArray[np.uint8], at: int) -> None:
        self._data, self._at = data, at

    def take(self, kind: Any, count: int) -> NDArray[Any]:
        """The next ``count`` values. Raises ValueError at the end of the file."""
        size = np.dtype(kind).itemsize * count
        found = np.frombuffer(self._data[self._at : self._at + size].tobytes(), kind, count)
        self._at += size
        return found


def _read(reader: _Reader) -> StockPairs:
    words, pairs, triples = (int(count) for count in reader.take("<u4", 3))
    reader.take("<i4", 1)  # how it is packed: there is one way
    table = reader.take("<f4", _TABLE).astype(np.float64)
    reader.take("<f4", 2 * _TABLE)  # weights of pairs, probabilities of triples
    single = reader.take(_SINGLE, words + 1)
    word_bits, next_bits = words.bit_length(), triples.bit_length()
    packed = reader.take(np.uint8, _bytes(pairs, width := word_bits + 32 + next_bits))
    reader.take(np.uint8, _bytes(triples, word_bits + 16))
    names = reader.take(np.uint8, int(reader.take("<u4", 1)[0])).tobytes().split(b"\0")
    return StockPairs(
        ids={name.decode(): number for number, name in enumerate(names[:words])},
        single=single["log"].astype(np.float64),
        back_off=single["back_off"].astype(np.float64),
        first=single["first"].astype(np.int64),
        before=_unpacked(packed, pairs, width, 0, word_bits),
        log=table[_unpacked(packed, pairs, width, word_bits + 16, 16)],
    )


def _bytes(entries: int, width: int) -> int:
    return ((1 + entries) * width + 7) // 8 + 8


def _unpacked(
    packed: NDArray[np.uint8], entries: int, width: int, offset: int, bits: int
) -> NDArray[np.int64]:
    """Numbers of up to 25 ``bits`` that begin at ``offset`` in records of ``width`` bits."""
    at = np.arange(entries, dtype=np.int64) * width + offset
    first, shift = at >> 3, (at & 7)
    value = np.zeros(entries, np.int64)
    for byte in range(4):
        value |= packed[first + byte].astype(np.int64) << (8 * byte)
    return (value >> shift) & ((1 << bits) - 1)
