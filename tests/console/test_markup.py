"""What the pages are made of: landmarks, nothing inline, enough contrast."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.console.browser import page


class Outline(HTMLParser):
    """Collects what an accessible page must have, and what our own rules forbid."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"inline {tag}")
        if tag == "script" and "src" not in given:
            self.faults.append("inline script")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.faults.append("a header cell without scope")


@pytest.mark.parametrize(
    "path",
    [
        "/home",
        "/inbox",
        "/inbox?part=done",
        "/calls",
        "/calls/CA-refill",
        "/calls/CA-live",
        "/calls/CA-live/live",
        "/password",
        "/unlinked",
        "/try",
        "/refills",
        "/patients",
    ],
)
async def test_pages_have_their_landmarks_and_nothing_inline(app: FastAPI, path: str) -> None:
    html = await page(app, path)
    outline = Outline(html)
    assert html.startswith('<!doctype html>\n<html lang="en">')
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids))
    for tag in ("header", "nav", "main", "title"):
        assert outline.tags.count(tag) == 1, tag
    assert outline.tags.count("h1") == 1
    assert outline.tags.count("table") == outline.tags.count("caption")


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_in_light_and_dark() -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1."""
    css = (Path(__file__).parents[2] / "console/static/console.css").read_text()
    schemes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in css.split("@media")[:2]]
    pairs = [(tone, f"{tone}-bg") for tone in ("good", "warn", "danger", "calm")]
    pairs += [(text, back) for text in ("ink", "quiet", "accent", "danger") for back in ("paper", "card")]
    pairs += [("on-accent", "accent"), ("ink", "calm-bg"), ("ink", "danger-bg"), ("danger-bg", "danger")]
    for scheme in schemes:
        for text, back in pairs:
            light, dark = sorted((_luminance(scheme[text]), _luminance(scheme[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, back)
