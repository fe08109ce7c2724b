"""API keys: made once, shown once, revoked for good."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone

from csplatform.enums import KeyScope, Role
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.keys import SHOWN_CHARACTERS, keyed_hash, new_api_key
from csplatform.models import ApiKey, Membership, User

log = structlog.get_logger(__name__)


class KeyAlreadyRevoked(DomainError):
    code = "key_already_revoked"
    message = "This key is revoked already."


@transaction.atomic
def create_api_key(*, membership: Membership, name: str, scope: KeyScope, by: User) -> tuple[ApiKey, str]:
    """Make a key that acts as the member, and return it with its secret, which nobody can look up again."""
    name = " ".join(name.split())
    if not name:
        sentence = "Give the key a name, so that you know later what uses it."
        raise InvalidInput(sentence, errors={"name": [sentence]})
    if scope not in scopes_for(membership):
        sentence = "A viewer's key can only read."
        raise InvalidInput(sentence, errors={"scope": [sentence]})
    secret = new_api_key()
    key = ApiKey.objects.create(
        organization=membership.organization,
        membership=membership,
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        hash=keyed_hash(secret),
        scope=scope,
    )
    log.info("api_key_created", key=key.pk, member=membership.pk, scope=scope, by=by.pk)
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: User) -> ApiKey:
    """End a key at once; it stays in the list, so that it can be told what used it."""
    if key.revoked_at is not None:
        raise KeyAlreadyRevoked
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at", "updated_at"])
    log.info("api_key_revoked", key=key.pk, by=by.pk)
    return key


@transaction.atomic
def revoke_keys_of(*, membership: Membership) -> int:
    """Revoke every key of a member who leaves; one by one, because each key keeps its history."""
    keys = list(membership.api_keys.filter(revoked_at=None))
    for key in keys:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
    return len(keys)


def scopes_for(membership: Membership) -> list[KeyScope]:
    """The scopes a member's key may have: a key never exceeds its member, so a viewer's can only read."""
    return [KeyScope.READ] if membership.role == Role.VIEWER else list(KeyScope)
