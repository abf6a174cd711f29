"""Somebody who has a keyboard and nothing else; wherever the focus goes, it must be seen."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Page

MOST_STEPS = 120  # of Tab, on the way to anything on a page

# The element with the focus: its name as it is read out, and what is wrong with how it is shown.
FOCUSED = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return {name: "", fault: ""};
    const label = e.labels && e.labels[0] ? e.labels[0].innerText : "";
    const name = (e.getAttribute("aria-label") || label || e.textContent || e.value || "").trim();
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    let fault = "";
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) fault = "has no outline";
    if (!box.width || !box.height) fault = "has no size";
    const x = Math.min(box.left + box.width / 2, innerWidth - 1), y = box.top + Math.min(box.height / 2, 12);
    const top = document.elementFromPoint(x, y);
    if (!top) fault = "is out of sight";
    else if (!e.contains(top) && !top.contains(e) && !(e.labels && e.labels[0] && e.labels[0].contains(top)))
        fault = "is covered by " + top.outerHTML.slice(0, 80);
    return {name: name.replace(/\\s+/g, " "), fault};
}"""


@dataclass(frozen=True)
class Fingers:
    """Every step asserts that the focus can be seen (WCAG 2.4.7, 2.4.11)."""

    page: Page

    async def focused(self) -> str:
        """The name of what has the focus."""
        found: dict[str, str] = await self.page.evaluate(FOCUSED)
        assert not found["fault"], f"{self.page.url}: the focus on {found['name']!r} {found['fault']}"
        return found["name"]

    async def reach(self, name: str) -> None:
        """Tab until something so named has the focus."""
        passed = []
        for _ in range(MOST_STEPS):
            now = await self.focused()
            if name in now:
                return
            passed.append(now[:40])
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: Tab does not lead to {name!r}, but to {passed}")

    async def press(self, name: str) -> None:
        """Reach a link or button, and follow it to the page that comes."""
        await self.reach(name)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def type(self, name: str, words: str) -> None:
        await self.reach(name)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(words)

    async def choose(self, name: str, first_letters: str) -> None:
        """In a list, by typing how the choice begins."""
        await self.reach(name)
        await self.page.keyboard.type(first_letters)
