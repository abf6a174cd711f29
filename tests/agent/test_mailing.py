"""E-mail that cannot go out is an error that a page knows."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from agent.mailing import MailError, check_smtp_url, send_mail
from models.errors import SettingsError


class _Mail(socketserver.StreamRequestHandler):
    """A server that wants a login."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            is_greeting = line.upper().startswith(b"EHLO")
            self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n" if is_greeting else b"235 yes\r\n")


@pytest.fixture
def server() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as mail:
        serving = threading.Thread(target=mail.serve_forever, args=(0.05,))
        serving.start()
        yield f"127.0.0.1:{mail.server_address[1]}"
        mail.shutdown()
        serving.join()


@pytest.mark.parametrize("password", ["gr\u00fcn", "gr%C3%BCn"])
def test_a_password_that_no_login_takes(server: str, password: str) -> None:
    url = f"smtp://desk:{password}@{server}?from=desk@example.org"
    with pytest.raises(MailError, match="UnicodeEncodeError") as failed:
        send_mail(url, "rivera@example.org", "A page", "Open the console")
    assert password not in str(failed.value)
    with pytest.raises(SettingsError, match="a name or password that no login takes") as refused:
        check_smtp_url(url)
    assert password not in f"{refused.value} {refused.value.fix}"


def test_an_address_that_is_none(server: str) -> None:
    with pytest.raises(MailError, match="ValueError"):
        send_mail(f"smtp://{server}?from=desk@example.org", "rivera\n@example.org", "A page", "Open it")
