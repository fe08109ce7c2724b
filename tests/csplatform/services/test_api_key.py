"""Keys: made once, shown once, revoked for good."""

from __future__ import annotations

import pytest

from csplatform.enums import KeyScope
from csplatform.exceptions import InvalidInput
from csplatform.keys import keyed_hash
from csplatform.models import ApiKey, Membership
from csplatform.services.api_key import KeyAlreadyRevoked, create_api_key, revoke_api_key

pytestmark = pytest.mark.django_db


def test_only_a_keyed_hash_of_a_key_is_stored(alice: Membership) -> None:
    key, secret = create_api_key(membership=alice, name=" Nightly  upload ", scope=KeyScope.READ_WRITE, by=alice.user)

    stored = ApiKey.objects.values().get()
    assert secret not in {str(value) for value in stored.values()}
    assert key.hash == keyed_hash(secret)
    assert (key.name, key.prefix) == ("Nightly upload", secret[:10])
    assert (key.membership, key.organization) == (alice, alice.organization)


def test_the_history_of_a_key_knows_no_hash(alice: Membership) -> None:
    key, _ = create_api_key(membership=alice, name="Upload", scope=KeyScope.READ, by=alice.user)

    assert not hasattr(key.history.get(), "hash")


def test_a_viewers_key_only_reads(rita: Membership) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_api_key(membership=rita, name="Upload", scope=KeyScope.READ_WRITE, by=rita.user)

    assert refusal.value.errors == {"scope": ["A viewer's key can only read."]}
    assert not ApiKey.objects.exists()


def test_a_key_needs_a_name(alice: Membership) -> None:
    with pytest.raises(InvalidInput):
        create_api_key(membership=alice, name=" ", scope=KeyScope.READ, by=alice.user)


def test_a_key_is_revoked_once(alice: Membership) -> None:
    key, _ = create_api_key(membership=alice, name="Upload", scope=KeyScope.READ, by=alice.user)

    revoke_api_key(key=key, by=alice.user)

    assert not ApiKey.objects.usable().exists()
    with pytest.raises(KeyAlreadyRevoked):
        revoke_api_key(key=key, by=alice.user)
