"""The carrier's REST API as the official client sees it."""

from telephony.double.rest.side import RestSide

__all__ = ["RestSide"]
