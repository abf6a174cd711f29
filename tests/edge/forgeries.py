"""The table of what a forger, an eavesdropper and a stranger may send. Every row is refused.

Rows of one kind stand together; a new way in gets its rows here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

from telephony.tokens import StreamTokens
from tests.edge.forging import FORM, VOICE, Headers, Sent, json_of, json_webhook, sha256, webhook
from tests.telephony.signing import ACCOUNT, CALL, CONFIG, PUBLIC_URL, call_form, signature

OTHER_ACCOUNT = "AC" + "9" * 32
RESUME, STATUS, SMS = "/twilio/resume", "/twilio/status", "/twilio/sms"
DOORS = ("busy", "wait", "staff", "key", "leg", "page", "page-key", "page-leg", "text", "line")
SHARED_KEY = "x-twilio-webhooks-signature-settings"
TEXT = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "1" * 32, "From": "+15555550123", "Body": "START"}


NEW_TOKEN, FORMER_TOKEN = "the-new-token", "the-former-token"


def added(text: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body + text


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new)


def without(name: str) -> Callable[[bytes], bytes]:
    return lambda _: urlencode({key: text for key, text in call_form().items() if key != name}).encode()


ROUTES: dict[str, Sent] = {
    f"{path}, {what}": sent
    for path in (VOICE, RESUME, STATUS, SMS, *(f"/twilio/{door}/abc123" for door in DOORS))
    for what, sent in {
        "unsigned": webhook(path, signs=lambda good: []),
        "signed with another token": webhook(path, token="another"),
        "another account's, genuinely signed": webhook(path, form=call_form(AccountSid=OTHER_ACCOUNT)),
        "the signature of another route": webhook(path, over=PUBLIC_URL + "/twilio/other"),
    }.items()
}

ADDRESSES: dict[str, Sent] = {
    f"signed over {over}": webhook(over=over)
    for over in (
        "http://phone.example.org/twilio/voice",
        "wss://phone.example.org/twilio/voice",
        "https://phone.example.org:80/twilio/voice",
        "https://phone.example.org:8443/twilio/voice",
        "https://phone.example.org/twilio/voice/",
        "https://phone.example.org//twilio/voice",
        "https://PHONE.example.org/twilio/voice",
        "https://phone.example.org/TWILIO/voice",
        "https://other.example.org/twilio/voice",
        "https://phone.example.org.evil.test/twilio/voice",
        "https://user@phone.example.org/twilio/voice",
        "https://phone.example.org/twilio/voice?x=1",
        "https://phone.example.org/twilio/voice#x",
    )
}

HOSTS: dict[str, Sent] = {  # signed for a host of the forger's own, which the request then claims
    "Host": webhook(over="https://evil.test/twilio/voice", more=[("host", "evil.test")]),
    "X-Forwarded-Host": webhook(
        over="https://evil.test/twilio/voice", more=[("x-forwarded-host", "evil.test")]
    ),
    "Forwarded": webhook(over="https://evil.test/twilio/voice", more=[("forwarded", "host=evil.test")]),
    "X-Forwarded-Proto": webhook(
        over="http://phone.example.org/twilio/voice", more=[("x-forwarded-proto", "http")]
    ),
    "X-Original-URL": webhook(over=PUBLIC_URL + SMS, more=[("x-original-url", SMS)]),
}

PATHS: dict[str, Sent] = {
    "a query more than signed": webhook(to=VOICE + "?x=1"),
    "a slash more than signed": webhook(to=VOICE + "/"),
    "a slash twice": webhook(to="/twilio//voice"),
    "a letter written as %76": webhook(to="/twilio/%76oice"),
    "upper case": webhook(to="/TWILIO/VOICE"),
    "by way of another folder": webhook(to="/twilio/x/../voice"),
    "by GET": webhook(method="GET"),
    "by PUT": webhook(method="PUT"),
    "by HEAD": webhook(method="HEAD"),
    "a door's name with a dot": webhook("/twilio/wait/a.b"),
    "a door's name too long": webhook("/twilio/wait/" + "a" * 65),
    "a recording's callback: we asked for none": webhook("/twilio/recording/abc123"),
    "a conference's callback: we asked for none": webhook("/twilio/conference/abc123"),
    "a fallback's address that is none of ours": webhook("/twilio/fallback"),
}

SIGNATURES: dict[str, Sent] = {
    "empty": webhook(signs=lambda good: [""]),
    "a word": webhook(signs=lambda good: ["nonsense"]),
    "in upper case": webhook(signs=lambda good: [good.upper()]),
    "in lower case": webhook(signs=lambda good: [good.lower()]),
    "without its padding": webhook(signs=lambda good: [good.rstrip("=")]),
    "with more padding": webhook(signs=lambda good: [good + "="]),
    "cut short": webhook(signs=lambda good: [good[:10]]),
    "with quotes": webhook(signs=lambda good: [f'"{good}"']),
    "two, the good one first": webhook(signs=lambda good: [good, "nonsense"]),
    "two, the good one last": webhook(signs=lambda good: ["nonsense", good]),
    "two good ones": webhook(signs=lambda good: [good, good]),
    "two in one header": webhook(signs=lambda good: [f"nonsense, {good}"]),
    "of an empty form": webhook(signs=lambda good: [signature(PUBLIC_URL + VOICE)]),
    "by a shared key that is none of ours": webhook(more=[(SHARED_KEY, "key=k,algorithm=HMAC_SHA1")]),
    "by an algorithm named none": webhook(more=[(SHARED_KEY, "key=,algorithm=none")]),
    "two settings of the signature": webhook(more=[(SHARED_KEY, ""), (SHARED_KEY, "key=k")]),
    "empty settings": webhook(more=[(SHARED_KEY, "key=,algorithm=")]),
}

BODIES: dict[str, Sent] = {
    "another caller's number": webhook(sends=swapped(b"5550123", b"5550124")),
    "another call's SID": webhook(sends=swapped(CALL.encode(), b"CA" + b"4" * 32)),
    "another call state": webhook(STATUS, sends=swapped(b"ringing", b"completed")),
    "a field more": webhook(sends=added(b"&SpeechResult=x")),
    "a field less": webhook(sends=without("CallerCity")),
    "a name in another case": webhook(sends=swapped(b"From=", b"from=")),
    "a field twice, the same": webhook(sends=added(b"&From=%2B15555550123")),
    "a field twice, another": webhook(sends=added(b"&From=%2B15555550199")),
    "two values exchanged": webhook(sends=swapped(b"From=%2B15555550123", b"From=%2B15555550100")),
    "a value moved into the next name": webhook(sends=swapped(b"ringing&From=", b"ringingFrom=")),
    "a space at the end of a value": webhook(sends=swapped(b"5550123", b"5550123+")),
    "emptied": webhook(sends=lambda _: b""),
    "a form of ten thousand fields": webhook(sends=lambda _: b"&".join([b"a=1"] * 10_000)),
    "no form": webhook(sends=lambda _: b"\xff\xfe"),
    "over 64 KiB": webhook(form=call_form(Body="x" * 70_000)),
    "as JSON": webhook(kind="application/json"),
    "as text": webhook(kind="text/plain"),
    "as parts": webhook(kind="multipart/form-data; boundary=x"),
    "with two content types": webhook(more=[("content-type", "application/json")]),
    "without its account": webhook(form={"CallSid": CALL}),
    "with the account in lower case": webhook(form=call_form(AccountSid=ACCOUNT.lower())),
    "without its call": webhook(form={"AccountSid": ACCOUNT}),
    "with a call's SID that is none": webhook(form=call_form(CallSid="../../etc/passwd")),
    "a text with another's words": webhook(SMS, form=TEXT, sends=swapped(b"START", b"STOP")),
    "a text with another's number": webhook(SMS, form=TEXT, sends=swapped(b"5550123", b"5550124")),
    "JSON, altered": json_webhook(json_of(), sends=json_of("AC" + "1" * 32)),
    "JSON of another account": json_webhook(json_of(OTHER_ACCOUNT)),
    "JSON without its hash": json_webhook(json_of(), target=VOICE),
    "JSON with two hashes": json_webhook(
        json_of(), target=f"{VOICE}?bodySHA256={sha256(json_of())}&bodySHA256={sha256(json_of())}"
    ),
    "JSON taken for an empty form": json_webhook(json_of(), kind="application/x-www-form-urlencoded"),
    "JSON that is a list": json_webhook(b"[]"),
    "JSON within JSON": json_webhook(b'{"AccountSid":{"a":1}}'),
    "a form's hash in the address": webhook(f"{VOICE}?bodySHA256={sha256(b'')}"),
}

TOKENS: dict[str, Sent] = {  # while one token takes another's place
    "the former one, which is no longer named": webhook(token=FORMER_TOKEN),
    "the new one, before it is named": webhook(token=NEW_TOKEN),
    "none at all, as an empty setting might be": webhook(token=""),
    "both together": webhook(
        signs=lambda good: [f"{good}, {signature(PUBLIC_URL + VOICE, call_form(), token=NEW_TOKEN)}"]
    ),
}

WEBHOOKS = {
    f"{kind}: {name}": sent
    for kind, rows in {
        "route": ROUTES, "address": ADDRESSES, "host": HOSTS, "path": PATHS, "signature": SIGNATURES,
        "body": BODIES, "token": TOKENS,
    }.items()
    for name, sent in rows.items()
}  # fmt: skip


def sealed(token: str, over: str = "") -> Headers:
    return [("x-twilio-signature", signature(over or CONFIG.stream_url(token)))]


def upgrades(tokens: StreamTokens) -> dict[str, tuple[str, Headers, bytes]]:
    """A stream's path, its headers and its query. ``tokens`` mints what a genuine one would have."""
    token = tokens.mint(CALL)
    path, url = f"/twilio/media/{token}", CONFIG.stream_url(token)
    good = signature(url)
    rows: dict[str, tuple[str, Headers, bytes]] = {
        f"token {what}": (f"/twilio/media/{quote(text)}", sealed(quote(text)), b"")
        for what, text in _bad_tokens(tokens, token).items()
    }
    for over in (
        CONFIG.url(path), url.replace("wss", "ws"), url + "/", url + "?a=1", url.replace(".org", ".org:80"),
        url.replace(".org", ".org:8443"), url.replace("phone.", "PHONE."), url.replace("phone.", "other."),
        CONFIG.stream_url(tokens.mint(CALL)),
    ):  # fmt: skip
        shown = over.replace(token, "TOKEN")
        rows[f"signed over {shown[:60]}"] = (path, sealed(token, over), b"")
    for what, texts in {
        "no signature": [], "an empty signature": [""], "a signature in upper case": [good.upper()],
        "two signatures, the good one first": [good, "nonsense"],
        "two, the good one last": ["nonsense", good],
        "another token's signature": [signature(url, token="another")],
        "an empty token's signature": [signature(url, token="")],
    }.items():  # fmt: skip
        rows[what] = (path, [("x-twilio-signature", text) for text in texts], b"")
    rows["a query"] = (path, sealed(token, url + "?a=1"), b"a=1")
    rows["a shared key that is none of ours"] = (path, [*sealed(token), (SHARED_KEY, "key=k")], b"")
    rows["the webhook's address as a socket"] = (VOICE, sealed("", CONFIG.socket_url(VOICE)), b"")
    rows["a browser's socket"] = (f"/try/{CALL}/{token}", [("origin", "https://evil.test")], b"")
    return rows


def _bad_tokens(tokens: StreamTokens, token: str) -> dict[str, str]:
    clock = tokens._clock

    async def never(nonce: str) -> bool:
        return True

    past = StreamTokens(tokens._secret, lambda: clock() - timedelta(seconds=61), never)
    other = "A" if token[10] != "A" else "B"
    return {
        "of another secret": StreamTokens(b"another", clock, never).mint(CALL),
        "expired": past.mint(CALL),
        "with a changed letter": token[:10] + other + token[11:],
        "cut short": token[:-1],
        "made longer": token + "A",
        "with padding": token + "=",
        "twice": token * 2,
        "in upper case": token.upper(),
        "in lower case": token.lower(),
        "in standard base64": token[:-1] + "+",
        "another spelling of its last letter": token[:-1] + _twin(token[-1]),
        "all zeros": "A" * len(token),
        "a word": "x",
        "a NUL": "\0",
    }


def _twin(letter: str) -> str:
    """Another base64 letter that differs in bits which say nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return letters[letters.index(letter) ^ 1]


def _bearer(text: str) -> Headers:
    return [("authorization", text), ("content-type", "application/fhir+json")]


CHART: dict[str, Sent] = {  # on the private listener; TOKEN stands for the real one
    f"chart, {what}": Sent(target, body, headers, method)
    for what, method, target, body, headers in (
        ("no token", "GET", "/fhir/Patient", b"", []),
        ("an empty token", "GET", "/fhir/Patient", b"", _bearer("Bearer ")),
        ("a wrong token", "GET", "/fhir/Patient", b"", _bearer("Bearer x")),
        ("the token as Basic", "GET", "/fhir/Patient", b"", _bearer("Basic TOKEN")),
        ("the token without its scheme", "GET", "/fhir/Patient", b"", _bearer("TOKEN")),
        ("the token in the address", "GET", "/fhir/Patient?access_token=TOKEN", b"", []),
        ("the token in upper case", "GET", "/fhir/Patient", b"", _bearer("Bearer UPPER")),
        ("the token with more", "GET", "/fhir/Patient", b"", _bearer("Bearer TOKENx")),
        ("two tokens", "GET", "/fhir/Patient", b"", _bearer("Bearer x, Bearer TOKEN")),
        ("a letter that is no ASCII", "GET", "/fhir/Patient", b"", _bearer("Bearer \xe9")),
        ("a patient written", "POST", "/fhir/Patient", b'{"resourceType":"Patient"}', _bearer("Bearer x")),
        ("a bundle written", "POST", "/fhir", b'{"resourceType":"Bundle"}', _bearer("Bearer x")),
        ("an opening booked", "POST", "/fhir/Appointment/$book", b"{}", _bearer("Bearer x")),
        ("by way of the open page", "GET", "/fhir/metadata/../Patient", b"", []),
        ("an unknown address", "GET", "/fhir/x/y/z", b"", []),
    )
}

CONSOLE: dict[str, Sent] = {
    f"console, {what}": sent
    for what, sent in {
        "a form of nobody's session": Sent("/tasks/t/claim", b"form_token=x", [("content-type", FORM)]),
        "a form with a made-up session": Sent("/tasks/t/claim", b"", [("cookie", "__Host-session=x")]),
        "a form of another site": Sent("/sign-in", b"name=a&password=b", [("origin", "https://evil.test")]),
        "a form of another site's frame": Sent("/sign-in", b"", [("sec-fetch-site", "cross-site")]),
        "a password in a header": Sent("/calls", b"", [("authorization", "Basic a2ltOng=")], "GET"),
        "a page by another method": Sent("/calls", b"", [], "DELETE"),
        "a role from outside": Sent("/audit", b"", [("x-forwarded-user", "admin")], "GET"),
    }.items()
}  # fmt: skip
