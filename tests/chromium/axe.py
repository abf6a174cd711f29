"""axe-core in an open page: the rules of WCAG 2.2, A and AA, and what axe calls good practice besides."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DISABLED: dict[str, str] = {}  # rule -> why it is not asked for. None is.

RUN = """([tags, disabled]) => axe.run(document, {
    resultTypes: ["violations"],
    runOnly: {type: "tag", values: tags},
    rules: Object.fromEntries([["target-size", true], ...disabled.map(rule => [rule, false])].map(
        ([rule, enabled]) => [rule, {enabled}])),
})"""

# What a phone cannot show: text beyond either edge, but for a region that is scrolled by itself.
BEYOND = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const scrolls = element => {
        for (let e = element; e && e !== document.body; e = e.parentElement)
            if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true;
        return false;
    };
    while (walker.nextNode()) {
        const text = walker.currentNode, parent = text.parentElement;
        if (!text.data.trim() || !parent.checkVisibility({visibilityProperty: true})) continue;
        if (["SCRIPT", "NOSCRIPT", "STYLE", "OPTION"].includes(parent.tagName)) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        const hidden = parent.closest(".hidden, .skip, thead") || !box.width;
        if (!hidden && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(parent))
            found.push(text.data.trim().slice(0, 60));
    }
    const wide = document.scrollingElement.scrollWidth;
    if (wide > innerWidth) found.push(`the page is ${wide} px wide and the window ${innerWidth}`);
    return found;
}"""


@cache
def _program() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


async def violations(page: Page) -> list[str]:
    """Each with its rule, what is wrong and where; [] is what we want."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(_program())
    result: dict[str, Any] = await page.evaluate(RUN, [list(TAGS), list(DISABLED)])
    return [
        f"{found['id']} ({found['help']}): {node['target']} {node['html'][:160]}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


async def beyond_the_edge(page: Page) -> list[str]:
    """Text that does not fit into the window's width."""
    found: list[str] = await page.evaluate(BEYOND)
    return found
