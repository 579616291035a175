"""Routes of webhooks."""

from fastapi import APIRouter, Response

from api import problems
from api.authorization import Action, load
from api.context import Ctx
from api.paging import WantedPage
from api.principal import CurrentPrincipal
from api.request_id import RequestId
from api.webhooks.schemas import (
    DeliveryAnswer,
    DeliveryPage,
    NewWebhook,
    NewWebhookAnswer,
    WebhookAnswer,
    WebhookPage,
    delivery_answer,
    new_webhook_answer,
    webhook_answer,
)
from api.webhooks.service import (
    add_webhook,
    enable_webhook,
    list_deliveries,
    list_webhooks,
    redeliver,
    remove_webhook,
    send_test,
)
from models.webhook import Webhook

router = APIRouter(
    prefix="/api/v1/webhooks",
    tags=["webhooks"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed, problems.CsrfFailed),
)


@router.post("", status_code=201)
def post_webhook(
    wanted: NewWebhook,
    response: Response,
    context: Ctx,
    principal: CurrentPrincipal,
    request_id: RequestId,
) -> NewWebhookAnswer:
    """Register an address that is told. The secret in the answer is not shown again."""
    with context.database.write() as session:
        hook, secret = add_webhook(session, context, principal, wanted, request_id)
        answer = new_webhook_answer(hook, secret)
    response.headers["Location"] = f"{router.prefix}/{answer.id}"
    response.headers["Cache-Control"] = "no-store"
    return answer


@router.get("")
def get_webhooks(context: Ctx, principal: CurrentPrincipal, page: WantedPage) -> WebhookPage:
    """List your webhooks, newest first; admins see all."""
    with context.database.read() as session:
        hooks, next_cursor = list_webhooks(session, principal, page)
        return WebhookPage(items=[webhook_answer(one) for one in hooks], next_cursor=next_cursor)


@router.get("/{webhook_id}")
def get_webhook(webhook_id: str, context: Ctx, principal: CurrentPrincipal) -> WebhookAnswer:
    """Show a webhook and how it does."""
    with context.database.read() as session:
        return webhook_answer(load(session, principal, Action.READ, Webhook, webhook_id))


@router.delete("/{webhook_id}", status_code=204)
def delete_webhook(
    webhook_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> None:
    """Remove a webhook and what is on its way to it."""
    with context.database.write() as session:
        remove_webhook(session, context, principal, webhook_id, request_id)


@router.post("/{webhook_id}/enable")
def post_enable(
    webhook_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> WebhookAnswer:
    """Switch a webhook on again that was switched off because it took nothing."""
    with context.database.write() as session:
        return webhook_answer(enable_webhook(session, context, principal, webhook_id, request_id))


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    responses=problems.responses(problems.WebhookDisabled),
)
def post_test(
    webhook_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> WebhookAnswer:
    """Send a message of the event `test`; see the deliveries for what became of it."""
    with context.database.write() as session:
        send_test(session, context, principal, webhook_id, request_id)
        return webhook_answer(load(session, principal, Action.READ, Webhook, webhook_id))


@router.get("/{webhook_id}/deliveries")
def get_deliveries(
    webhook_id: str, context: Ctx, principal: CurrentPrincipal, page: WantedPage
) -> DeliveryPage:
    """List what was sent, newest first; messages are kept for 30 days."""
    with context.database.read() as session:
        found, next_cursor = list_deliveries(session, principal, webhook_id, page)
        return DeliveryPage(items=[delivery_answer(one) for one in found], next_cursor=next_cursor)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    status_code=202,
    responses=problems.responses(problems.WebhookDisabled),
)
def post_redelivery(
    webhook_id: str,
    delivery_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    request_id: RequestId,
) -> DeliveryAnswer:
    """Send a message once more, as it was, with the same event id."""
    with context.database.write() as session:
        delivery = redeliver(session, context, principal, webhook_id, delivery_id, request_id)
        return delivery_answer(delivery)
