"""Text messages: https://www.twilio.com/docs/messaging/api/message-resource."""

from __future__ import annotations

from fastapi import Request

from telephony.double.exchange import Exchange
from telephony.double.messages import Message
from telephony.double.progress import stamp
from telephony.double.rest.answers import Refusal, Resource, dates, filtered, not_found, page
from telephony.double.rest.form import form_of

BODY_LIMIT = 1_600


class Messages:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def create(self, request: Request) -> Resource:
        form = await form_of(request)
        to_number, body = form.to_number(missing=21604), form.text("Body")
        from_number = form.from_number(missing=21603)
        if not body:
            raise Refusal(400, 21602, "Message body is required.")
        if len(body) > BODY_LIMIT:
            raise Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        if self._exchange.inbox.has_opted_out(from_number, to_number):
            raise Refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        message = Message(
            from_number, to_number, body, "outbound-api", "queued", callback_url=form.url("StatusCallback")
        )
        return message_json(self._exchange.account.account_sid, self._exchange.send(message))

    async def listed(self, request: Request) -> Resource:
        account = self._exchange.account.account_sid
        found = [message_json(account, message) for message in self._exchange.inbox.messages]
        return page(request, "messages", filtered(request, {"To": "to", "From": "from"}, found))

    async def fetch(self, request: Request) -> Resource:
        for message in self._exchange.inbox.messages:
            if message.sid == request.path_params["sid"]:
                return message_json(self._exchange.account.account_sid, message)
        raise not_found(request)


def message_json(account_sid: str, message: Message) -> Resource:
    path = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        **dates(message.created, message.sent),
        "date_sent": stamp(message.sent),
        "api_version": "2010-04-01",
        "body": message.body,
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.from_number,
        "to": message.to_number,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }
