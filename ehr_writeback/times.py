"""Instants as the note and the chart write them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_named(name: str) -> tzinfo:
    """The practice's zone, or UTC when the name is unknown: a wrong setting must not cost the note."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def stamp(at: datetime, zone: tzinfo) -> str:
    """ "2026-11-22 09:01:10 EST (UTC-05:00)"."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} (UTC{offset[:3]}:{offset[3:5]})"


def to_minute(at: datetime, zone: tzinfo) -> str:
    """ "2026-12-01 14:20 EST"."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def instant(at: datetime) -> str:
    """A FHIR instant in UTC, https://hl7.org/fhir/R4/datatypes.html#instant"""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def local_instant(at: datetime, zone: tzinfo) -> str:
    """A FHIR dateTime with the practice's offset."""
    return at.astimezone(zone).replace(microsecond=0).isoformat()
