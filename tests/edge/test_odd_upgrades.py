"""The media socket's door: only a genuine token under a genuine signature is let in, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from telephony.tokens import StreamTokens
from tests.edge.conftest import House
from tests.telephony.signing import CALL, CONFIG, signed


async def upgrade(house: House, token: str, url: str = "", headers: Mapping[str, str] | None = None) -> int:
    """The status of the refusal; 101 when there was none."""
    path = f"/twilio/media/{token}"
    address = "ws" + house.base.removeprefix("http") + (url or path)
    given = signed(CONFIG.socket_url(path)) if headers is None else dict(headers)
    try:
        async with connect(address, additional_headers=given, compression=None, proxy=None):
            return 101
    except InvalidStatus as refusal:
        return int(refusal.response.status_code)


def flipped(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


async def test_only_a_genuine_token_under_a_genuine_signature_is_let_in(house: House) -> None:
    tokens, clock = house.answering.tokens, house.line.services.clock
    token, path = tokens.mint(CALL), ""
    path = f"/twilio/media/{token}"

    async def never(nonce: str) -> bool:
        return True

    forged = StreamTokens(b"another secret", clock, never).mint(CALL)
    expired = StreamTokens(b"secret", lambda: clock() - timedelta(seconds=61), never).mint(CALL)
    odd = [flipped(token, at) for at in range(0, len(token), 7)]
    odd += [token[:40], token[:-1], token + "A", token * 2, "x", "A" * 76, "%00", "%2e%2e", forged, expired]
    async with house.beside_a_healthy_call():
        refusals = await asyncio.gather(*(upgrade(house, each) for each in odd))
        unsigned = await asyncio.gather(
            *(
                upgrade(house, token, headers=headers)
                for headers in (
                    {}, signed(CONFIG.url(path)), signed(CONFIG.socket_url(path) + "/"),
                    signed(CONFIG.socket_url(path), token="another"),
                    signed("ws" + CONFIG.socket_url(path)[3:]),
                    signed(CONFIG.socket_url(path).replace(".org", ".org:8080")),
                    signed(CONFIG.socket_url(path).replace("phone.", "Phone.")),
                )
            ),
            upgrade(house, token, url=path + "?a=1"),
            upgrade(house, token, url=path + "/"),
            upgrade(house, token, url="/twilio/voice"),
            upgrade(house, token, url="/"),
        )  # fmt: skip
    assert set(refusals) | set(unsigned) == {403}
    assert (
        await upgrade(house, token, headers=signed(CONFIG.socket_url(path).replace(".org", ".org:443")))
        == 101
    )
