"""The settings of the practice's identity provider: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.errors import SettingsError

if TYPE_CHECKING:
    import httpx

    from agent.settings import Settings
    from console.sign_on import SignOn

NEEDED = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "console_url")
USUAL_CLAIM = "preferred_username"
FIX = "docs/operate.md, identity provider, says where each comes from."
ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def check_sign_on(chosen: Settings) -> None:
    """Raises `SettingsError` naming what is missing, or what could be listened to on its way."""
    alone = [key for key in ("oidc_client_id", "oidc_client_secret") if getattr(chosen, key)]
    alone += ["oidc_claim"] if chosen.oidc_claim != USUAL_CLAIM else []
    if alone and not chosen.oidc_issuer:
        raise SettingsError(f"{alone[0].upper()} is set, and OIDC_ISSUER is not", fix=FIX)
    missing = [key.upper() for key in NEEDED if not getattr(chosen, key)]
    if chosen.oidc_issuer and missing:
        raise SettingsError(f"OIDC_ISSUER is set, and {missing[0]} is not", fix=FIX)
    for key in ("oidc_issuer", "console_url"):
        address = urlsplit(getattr(chosen, key))
        if getattr(chosen, key) and address.scheme != "https" and address.hostname not in ON_THIS_MACHINE:
            raise SettingsError(f"{key.upper()} is {getattr(chosen, key)!r}; it starts with https://")


def sign_on_of(chosen: Settings, http: httpx.AsyncClient) -> SignOn | None:
    """None where the practice has no provider."""
    if not chosen.oidc_issuer:
        return None
    from console.sign_on import SignOn, SignOnConfig  # every part reads settings: they have no use for pages

    config = SignOnConfig(
        issuer=chosen.oidc_issuer,
        client_id=chosen.oidc_client_id,
        client_secret=chosen.oidc_client_secret,
        console_url=chosen.console_url,
        claim=chosen.oidc_claim,
    )
    return SignOn(config, http)
