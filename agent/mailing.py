"""E-mail to staff, over the practice's own server. What is written holds no personal data."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from models.errors import FirstringError, SettingsError

LIMIT_S = 15.0
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
FIX = "Write it as smtps://user:password@mail.example.org?from=desk@example.org"
LOGIN_FIX = "Give the mailbox a password of letters, digits and signs that an English keyboard has."


class MailError(FirstringError):
    """The mail server did not take a message."""

    code = "mail"
    fix = "Check SMTP_URL and the mail server's own log."


def check_smtp_url(url: str) -> None:
    """Raises `SettingsError`; the text never quotes the address, which holds a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError("SMTP_URL is not an address", fix=FIX) from None
    if parts.scheme not in _PORTS or not host:
        raise SettingsError("SMTP_URL begins with neither smtps:// nor smtp://", fix=FIX)
    if "@" not in _from(url):
        raise SettingsError("SMTP_URL names no sender", fix=FIX)
    if not f"{unquote(parts.username or '')}{unquote(parts.password or '')}".isascii():
        raise SettingsError("SMTP_URL holds a name or password that no login takes", fix=LOGIN_FIX)


def send_mail(url: str, to: str, subject: str, text: str) -> None:
    """Blocks until the server has it. Raises `MailError`. In the clear only to this machine's own server."""
    try:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = _from(url), to, subject
        message.set_content(text)
        with _connected(url) as server:
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as problem:  # smtplib logs in with ASCII alone
        raise MailError(f"the mail server did not take it: {type(problem).__name__}") from None


def _connected(url: str) -> smtplib.SMTP:
    parts, trust = urlsplit(url), ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=LIMIT_S, context=trust)
    else:
        server = smtplib.SMTP(host, port, timeout=LIMIT_S)
    try:
        if parts.scheme == "smtp" and host not in _HERE:
            server.starttls(context=trust)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _from(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("from", [""])[0]
