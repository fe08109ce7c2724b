"""Roles, leaving and coming back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from csplatform.enums import Role
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from csplatform.services.membership import (
    AlreadyActive,
    LastAdmin,
    NotActive,
    change_role,
    change_teams,
    deactivate_member,
    reactivate_member,
)
from csplatform.signals import member_deactivated
from tests.factories.csplatform import ApiKeyFactory, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db


def test_a_role_is_changed_and_remembered(alice: Membership, amir: Membership) -> None:
    change_role(membership=alice, role=Role.MANAGER, by=amir.user)

    assert [row.role for row in alice.history.order_by("history_id")] == [Role.CSM, Role.MANAGER]


def test_the_last_admin_stays_admin(amir: Membership) -> None:
    with pytest.raises(LastAdmin, match="Amir is the last active admin of Acme Cloud"):
        change_role(membership=amir, role=Role.VIEWER, by=amir.user)

    amir.refresh_from_db()
    assert amir.role == Role.ADMIN


def test_an_admin_may_become_something_else_while_there_is_another(amir: Membership) -> None:
    MembershipFactory(organization=amir.organization, role=Role.ADMIN)

    change_role(membership=amir, role=Role.VIEWER, by=amir.user)

    amir.refresh_from_db()
    assert amir.role == Role.VIEWER


@pytest.mark.parametrize("other", ["deactivated", "login switched off", "of another organisation"])
def test_an_admin_who_cannot_act_does_not_count(amir: Membership, mallory: Membership, other: str) -> None:
    if other == "deactivated":
        MembershipFactory(organization=amir.organization, role=Role.ADMIN, is_active=False)
    elif other == "login switched off":
        MembershipFactory(organization=amir.organization, role=Role.ADMIN, user__is_active=False)

    with pytest.raises(LastAdmin):
        deactivate_member(membership=amir, successor=None, by=amir.user)


def test_a_deactivated_members_role_stays(alice: Membership, amir: Membership) -> None:
    deactivate_member(membership=alice, successor=None, by=amir.user)

    with pytest.raises(NotActive):
        change_role(membership=alice, role=Role.ADMIN, by=amir.user)
    with pytest.raises(NotActive):
        change_teams(membership=alice, teams=[TeamFactory(organization=alice.organization)])


@time_machine.travel(datetime(2026, 11, 20, 8, tzinfo=UTC), tick=False)
def test_deactivating_locks_out_and_revokes_keys(alice: Membership, bob: Membership, amir: Membership) -> None:
    key = ApiKeyFactory(membership=alice)
    kept = ApiKeyFactory(membership=bob)

    deactivate_member(membership=alice, successor=bob, by=amir.user)

    for row in (alice, key, kept):
        row.refresh_from_db()
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (alice.is_active, alice.deactivated_at) == (False, now)
    assert (key.revoked_at, kept.revoked_at) == (now, None)


def test_rooms_hear_who_leaves_and_who_takes_over(alice: Membership, bob: Membership, amir: Membership) -> None:
    heard: list[tuple[Any, Any, Any]] = []

    def listen(member: Membership, successor: Membership | None, by: Any, **_: Any) -> None:
        heard.append((member, successor, by))

    member_deactivated.connect(listen)
    try:
        deactivate_member(membership=alice, successor=bob, by=amir.user)
    finally:
        member_deactivated.disconnect(listen)

    assert heard == [(alice, bob, amir.user)]


def test_what_a_room_refuses_keeps_the_member(alice: Membership, amir: Membership) -> None:
    def refuse(**_: Any) -> None:
        raise InvalidInput("Not now.")

    key = ApiKeyFactory(membership=alice)
    member_deactivated.connect(refuse)
    try:
        with pytest.raises(InvalidInput):
            deactivate_member(membership=alice, successor=None, by=amir.user)
    finally:
        member_deactivated.disconnect(refuse)

    alice.refresh_from_db()
    key.refresh_from_db()
    assert alice.is_active
    assert key.revoked_at is None


@pytest.mark.parametrize("who", ["themselves", "a stranger", "somebody deactivated"])
def test_only_an_active_colleague_takes_over(
    alice: Membership, amir: Membership, mallory: Membership, who: str
) -> None:
    gone = MembershipFactory(organization=alice.organization, is_active=False)
    successor = {"themselves": alice, "a stranger": mallory, "somebody deactivated": gone}[who]

    with pytest.raises(InvalidInput):
        deactivate_member(membership=alice, successor=successor, by=amir.user)

    alice.refresh_from_db()
    assert alice.is_active


def test_a_member_is_deactivated_once(alice: Membership, amir: Membership) -> None:
    deactivate_member(membership=alice, successor=None, by=amir.user)

    with pytest.raises(NotActive):
        deactivate_member(membership=alice, successor=None, by=amir.user)


def test_coming_back_brings_the_role_and_not_the_keys(alice: Membership, amir: Membership) -> None:
    key = ApiKeyFactory(membership=alice)
    deactivate_member(membership=alice, successor=None, by=amir.user)

    reactivate_member(membership=alice, by=amir.user)

    alice.refresh_from_db()
    key.refresh_from_db()
    assert (alice.is_active, alice.deactivated_at, alice.role) == (True, None, Role.CSM)
    assert key.revoked_at is not None


def test_an_active_member_cannot_come_back(alice: Membership, amir: Membership) -> None:
    with pytest.raises(AlreadyActive):
        reactivate_member(membership=alice, by=amir.user)
