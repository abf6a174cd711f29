"""A call's sound as a WAV file that can be read from any place, unsealed as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.keyring import KeyRing
from models.recordings import wav_header
from models.sealed_file import SealedReader


class Sound:
    """Stereo, G.711 mu-law, 8 kHz: left the caller, right the agent. To be closed."""

    def __init__(self, path: Path, call_id: str, keyring: KeyRing) -> None:
        """Raises `StorageError` when there is no such file, or it is no recording of ours."""
        self._frames = SealedReader(path, call_id, keyring)
        self._header = wav_header(self._frames.held_bytes)

    @property
    def size_bytes(self) -> int:
        return len(self._header) + self._frames.held_bytes

    def read(self, first: int, after: int) -> Iterator[bytes]:
        """Bytes [first, after) of the file; nothing comes before its first frame is unsealed.

        Raises `KeyRingError` for an altered frame or another key.
        """
        head = len(self._header)
        pieces = self._frames.read(max(first - head, 0), after - head)
        if first < min(after, head):
            yield self._header[first:after] + next(pieces, b"")
        yield from pieces

    def close(self) -> None:
        self._frames.close()
