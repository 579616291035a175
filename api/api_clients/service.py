"""Making, listing and withdrawing the keys of other systems. Nothing here commits."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Context
from api.credentials import api_key_text, key_id_of, new_token, token_sha256
from models.api_client import ApiClient, ApiKey
from models.base import new_id


def create_api_key(session: Session, context: Context, client_name: str) -> str:
    """Return a new key of the system, which is made when it is new. The key is kept nowhere."""
    now = context.clock()
    client = session.scalars(select(ApiClient).where(ApiClient.name == client_name)).one_or_none()
    if client is None:
        client = ApiClient(id=new_id("cli"), name=client_name, created_at=now)
        session.add(client)
        session.flush()
    secret = new_token()
    key = ApiKey(
        id=new_id("key"), client_id=client.id, secret_sha256=token_sha256(secret), created_at=now
    )
    session.add(key)
    session.flush()
    return api_key_text(key, secret)


def client_names(session: Session, client_ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of systems by their id."""
    wanted = {one for one in client_ids if one is not None}
    rows = session.execute(select(ApiClient.id, ApiClient.name).where(ApiClient.id.in_(wanted)))
    return dict(rows.all())


def api_keys(session: Session) -> list[tuple[ApiKey, ApiClient]]:
    """Return every key with the system it belongs to, oldest first."""
    rows = session.execute(
        select(ApiKey, ApiClient)
        .join(ApiClient, ApiClient.id == ApiKey.client_id)
        .order_by(ApiKey.id)
    )
    return [(key, client) for key, client in rows]


def revoke_api_key(session: Session, context: Context, key_text: str) -> ApiKey | None:
    """Withdraw one key, named by its id or by itself; the system's other keys go on.

    Returns the key, or None where there is no such key.
    """
    key = session.get(ApiKey, key_id_of(key_text))
    if key is not None:
        key.revoked_at = key.revoked_at or context.clock()
    return key
