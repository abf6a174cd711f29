"""Stream tokens: one minute, one call, one use."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.tokens import LIFETIME_S, StreamTokens, TokenError

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


class Minute:
    """A clock that a test can move, and the memory of burned nonces."""

    def __init__(self) -> None:
        self.now = START
        self.burned: set[str] = set()

    def __call__(self) -> datetime:
        return self.now

    async def burn(self, nonce: str) -> bool:
        known = nonce in self.burned
        self.burned.add(nonce)
        return not known


@pytest.fixture
def minute() -> Minute:
    return Minute()


@pytest.fixture
def tokens(minute: Minute) -> StreamTokens:
    return StreamTokens(b"secret", minute, minute.burn)


async def test_a_token_opens_its_own_call_once(tokens: StreamTokens) -> None:
    token = tokens.mint("CA1")
    claim = tokens.check(token)
    await tokens.bind(claim, "CA1")
    assert tokens.check(token) == claim  # still genuine, but
    with pytest.raises(TokenError, match="used before"):
        await tokens.bind(claim, "CA1")
    with pytest.raises(TokenError, match="used before"):
        await tokens.redeem(token, "CA1")


def test_it_is_good_in_one_spelling_only(tokens: StreamTokens) -> None:
    """The last character holds two bits that say nothing; another character with the same four is refused."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = tokens.mint("CA1")
    for letter in letters.replace(token[-1], ""):
        with pytest.raises(TokenError, match="ours"):
            tokens.check(token[:-1] + letter)
    for padded in (token + "=", token + "\n", " " + token):
        with pytest.raises(TokenError, match="not one of ours"):
            tokens.check(padded)


async def test_another_call_cannot_use_it_and_does_not_burn_it(tokens: StreamTokens) -> None:
    token = tokens.mint("CA1")
    with pytest.raises(TokenError, match="another call"):
        await tokens.redeem(token, "CA2")
    await tokens.redeem(token, "CA1")


def test_it_lasts_a_minute(tokens: StreamTokens, minute: Minute) -> None:
    token = tokens.mint("CA1")
    minute.now = START + timedelta(seconds=LIFETIME_S, milliseconds=-1)
    tokens.check(token)
    minute.now = START + timedelta(seconds=LIFETIME_S)
    with pytest.raises(TokenError, match="expired"):
        tokens.check(token)


def test_a_token_of_another_secret_is_not_ours(tokens: StreamTokens, minute: Minute) -> None:
    with pytest.raises(TokenError, match="not ours"):
        tokens.check(StreamTokens(b"other", minute, minute.burn).mint("CA1"))


def test_no_bit_of_a_token_can_be_changed(tokens: StreamTokens) -> None:
    raw = base64.urlsafe_b64decode(tokens.mint("CA1") + "=")
    for bit in range(len(raw) * 8):
        forged = bytearray(raw)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TokenError):
            tokens.check(base64.urlsafe_b64encode(bytes(forged)).rstrip(b"=").decode())


def test_tokens_are_url_safe_and_never_alike(tokens: StreamTokens) -> None:
    minted = [tokens.mint("CA1") for _ in range(100)]
    assert len(set(minted)) == 100
    assert all(
        set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for token in minted
    )


@settings(deadline=None)
@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    minute = Minute()
    with pytest.raises(TokenError):
        StreamTokens(b"secret", minute, minute.burn).check(text)
