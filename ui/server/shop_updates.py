"""Where the shop's own system tells what it has done: signed webhooks, by the scheme of standardwebhooks.com."""

import asyncio

from fastapi import APIRouter, HTTPException, Request, Response
from standardwebhooks.webhooks import WebhookVerificationError

from assistant.shop.updates import UpdateUnreadable
from assistant.shop.webhooks import webhook_key
from ui.server.service import ServiceHere

router = APIRouter(tags=["shop"])


@router.post("/shop/updates", status_code=204)
async def shop_updates(request: Request, service: ServiceHere) -> Response:
    """Take one update; told again under the same webhook-id it does nothing more."""
    secret = service.shop.settings.webhook_secret
    if secret is None:
        raise HTTPException(404, "This shop takes no updates. Set SHELFTALK_WEBHOOK_SECRET.")
    body = await request.body()
    headers = {name: request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    try:
        content = webhook_key(secret.get_secret_value()).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        raise HTTPException(401, "The signature is wrong, or the message is older than five minutes.") from None
    if not isinstance(content, dict):
        raise HTTPException(422, "An update is an object with type and data.")
    try:
        await asyncio.to_thread(service.shop.records.updates.take, headers["webhook-id"], content)
    except UpdateUnreadable as error:
        raise HTTPException(422, str(error)) from None
    return Response(status_code=204)
