"""What the settings pages need of other stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.practice import Body, Fault


class PracticeSettings(Protocol):
    """The practice's settings in the shape of ``practice.toml``, by section."""

    @property
    def signs(self) -> Sequence[tuple[str, str]]:
        """Ids and names of the danger signs."""

    def of_file(self, key: str) -> Body:
        """What ``practice.toml`` says of a section."""

    async def faults(self, key: str, body: Body) -> Sequence[Fault]:
        """All that speaks against taking it, also what the wording rules object to."""

    async def warnings(self, key: str) -> Sequence[str]:
        """What staff should know of a section as it counts now."""

    async def changed(self) -> None:
        """A version was saved: it counts from now on."""
