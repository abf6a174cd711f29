"""The settings pages on a running practice: an administrator beside the callers."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from sqlmodel import Session, col, select

from agent.services import Services
from agent.web import console_ports
from console import add_pages, build_router
from models.practice import setting_versions
from models.tables import AuditEntry, Setting
from tests.console.browser import Browser, browser
from tests.console.conftest import user

_INPUT = re.compile(r"<input ([^>]*)>")
_AREA = re.compile(r'<textarea id="([^"]*)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_SELECT = re.compile(r'<select (?:id="[^"]*" )?name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
_CHOSEN = re.compile(r'<option value="([^"]*)" selected>')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the page's main form."""
    form = page.partition('class="setting"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for attributes in _INPUT.findall(form):
        given = dict(_ATTRIBUTE.findall(attributes))
        if given.get("type") != "checkbox" or attributes.endswith("checked") or " checked" in attributes:
            found.setdefault(given["name"], []).append(html.unescape(given.get("value", "on")))
    for name, text in _AREA.findall(form):
        found[name] = [html.unescape(text)]
    for name, options in _SELECT.findall(form):
        found.setdefault(name, []).append("".join(_CHOSEN.findall(options)))
    return found


@dataclass
class Console:
    services: Services
    client: Browser

    async def opens(self, section: str) -> dict[str, list[str]]:
        answer = await self.client.get(f"/settings/{section}")
        assert answer.status_code == 200, answer.text
        return fields_of(answer.text)

    async def sends(self, section: str, fields: dict[str, list[str]]) -> httpx.Response:
        return await self.client.post(f"/settings/{section}", data=fields)

    async def changes(self, section: str, **fields: str) -> httpx.Response:
        """Opens the page, writes into some fields ("office_info__0__answer") and saves."""
        form = await self.opens(section)
        for name, value in fields.items():
            form[name.replace("__", ".")] = [value]
        return await self.sends(section, form)

    async def versions(self, section: str) -> list[Setting]:
        return await self.services.storage.read(lambda session: setting_versions(session, section))

    async def audited(self) -> list[tuple[str, str, str, str]]:
        def work(session: Session) -> list[tuple[str, str, str, str]]:
            rows = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "settings changed")).all()
            return [(row.actor, row.action, row.subject, row.why) for row in rows]

        return await self.services.storage.read(work)


@contextlib.asynccontextmanager
async def console_of(services: Services, name: str = "ada", roles: str = "admin") -> AsyncIterator[Console]:
    """``name`` is signed in, with ``roles``."""
    await services.storage.write(lambda session: session.add(user(name, roles)))
    app = FastAPI()
    add_pages(
        app,
        build_router(
            services.storage,
            services.clock,
            timezone=services.practice.timezone,
            ports=console_ports(services),
            second_factor=False,
        ),
    )
    async with browser(app, name) as client:
        yield Console(services, client)
