"""Resources of a foreign server made fit for our rules: references short, numbers in order, checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import structlog

from backends.checking import check_resource
from backends.foreign_cleaning import clean
from backends.refusals import ChartRefusal, Json

log = structlog.get_logger("firstring")
_META = (
    "versionId",
    "lastUpdated",
    "source",
    "profile",
    "security",
    "tag",
)  # servers add others of their own


def fit_for_use(found: Iterable[Json], base_url: str, region: str) -> list[Json]:
    """Those that are FHIR R4 and have an id; the others are named in the log, never by a value of theirs.

    Social security, licence and passport numbers are dropped; telephone numbers become E.164.
    """
    own = [relative(_plain_meta(one), f"{base_url}/") for one in found if isinstance(one, dict)]
    typed = [one for one in own if isinstance(one.get("resourceType"), str)]
    try:
        cleaned, _ = clean(typed, region)
    except RecursionError:
        return []
    return list(_checked(cleaned))


def _checked(documents: Iterable[Json]) -> Iterator[Json]:
    for document in documents:
        try:
            check_resource(document)
        except ChartRefusal as refusal:
            log.warning("chart.resource_refused", kind=document["resourceType"], reason=str(refusal))
        else:
            if document.get("id"):
                yield document


def _plain_meta(document: Json) -> Json:
    meta = document.get("meta")
    if not isinstance(meta, dict):
        return document
    return {**document, "meta": {name: meta[name] for name in _META if name in meta}}


def relative(value: Any, base: str) -> Any:
    """References to this very server as ``Type/id``, without a version."""
    if isinstance(value, list):
        return [relative(item, base) for item in value]
    if not isinstance(value, dict):
        return value
    short = {name: relative(item, base) for name, item in value.items()}
    reference = short.get("reference")
    if isinstance(reference, str):
        short["reference"] = reference.removeprefix(base).split("/_history/")[0]
    return short
