"""Both listeners prove whose they are to the data folder's own doctor, and tell nobody else anything."""

from __future__ import annotations

import dataclasses

import httpx
from fastapi import FastAPI

from agent import proof
from agent.web import private_app, public_app
from tests.conversations.conftest import Line
from tests.conversations.test_tidying import answering_of


async def health(app: FastAPI, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        return await http.get("/healthz", headers=headers)


async def test_a_challenge_is_answered_on_both_sides(line: Line) -> None:
    asked = proof.challenge()
    for app in (public_app(line.services, answering_of(line)), private_app(line.services)):
        answer = await health(app, **{proof.CHALLENGE: asked})
        given = answer.headers[proof.PROOF]
        assert proof.holds(line.services.settings, asked, given)
        assert not proof.holds(line.services.settings, proof.challenge(), given), "good once only"


async def test_without_a_challenge_it_says_that_it_is_up_and_no_more(line: Line) -> None:
    answer = await health(public_app(line.services, answering_of(line)))
    assert answer.json() == {"status": "up"}
    assert proof.PROOF not in answer.headers
    long = await health(public_app(line.services, answering_of(line)), **{proof.CHALLENGE: "x" * 65})
    assert proof.PROOF not in long.headers


async def test_another_data_folder_proves_nothing(line: Line) -> None:
    asked = proof.challenge()
    answer = await health(private_app(line.services), **{proof.CHALLENGE: asked})
    elsewhere = dataclasses.replace(line.services.settings, data_dir=line.services.settings.data_dir / "x")
    assert not proof.holds(elsewhere, asked, answer.headers[proof.PROOF])
