"""Writing playbooks: one's own, and the built-in ones as an organisation wants them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from csplatform.models import Membership
from playbooks.exceptions import (
    BuiltInPlaybookStays,
    InvalidPlaybook,
    NothingToRestore,
    PlaybookChangedMeanwhile,
)
from playbooks.models import Playbook
from playbooks.services.library import copy_library
from playbooks.services.playbook import (
    create_playbook,
    delete_playbook,
    is_changed,
    restore_playbook,
    update_playbook,
)
from playbooks.services.run import start_playbook
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "title": " Win back ",
    "description": "Tell them what has changed since they left.",
    "category": "Engagement",
    "priority": "Medium",
    "estimated_effort": "3 hours",
    "risk_factors": ["No recent engagement"],
    "steps": [{"text": "Call: say what is new"}, {"text": "Send the offer", "day": 5, "kind": "email"}],
}


@pytest.fixture
def own(mona: Membership) -> Playbook:
    copy_library(organization=mona.organization)
    return create_playbook(organization=mona.organization, by=mona.user, **FACTS)


def texts(playbook: Playbook) -> list[str]:
    return [step.text for step in playbook.steps.order_by("n")]


def test_ones_own_comes_behind_the_built_in_ones(own: Playbook, mona: Membership) -> None:
    assert (own.number, own.title, own.is_builtin, is_changed(own)) == (11, "Win back", False, False)
    first, second = own.steps.all()
    # A text that only happens to hold a colon is no text of who and when.
    assert (first.name, first.who_and_when, first.what) == ("Call", "Day 1, account owner", "Call: say what is new")
    assert (second.day, second.kind, second.who_and_when) == (5, "email", "Day 5, account owner")
    assert own.history.get().history_user == mona.user


def test_it_is_recommended_only_on_the_pages_not_in_the_contract(own: Playbook) -> None:
    assert own not in own.organization.playbooks.builtin()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"title": " "}, "title: Give it a title."),
        ({"risk_factors": ["Bad mood"]}, "“Bad mood” is no risk factor"),
        ({"category": "Sport"}, "category"),
        ({"steps": []}, "at least one step"),
        ({"steps": [{"text": "x"}] * 31}, "at most 30 steps"),
        ({"steps": [{"text": " "}]}, "Step 1 says nothing."),
        ({"steps": [{"text": "x", "day": 0}]}, "The day of step 1 lies between 1 and 730."),
        ({"steps": [{"text": "x", "role": "member"}]}, "Say which person does step 1."),
        ({"steps": [{"text": "x", "kind": "dance"}]}, "steps"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(own: Playbook, facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidPlaybook, match=sentence):
        update_playbook(playbook=own, by=None, **facts)

    stored = Playbook.objects.get(pk=own.pk)
    assert (stored.title, texts(stored)) == ("Win back", ["Call: say what is new", "Send the offer"])


def test_a_stranger_does_no_step(own: Playbook, mallory: Membership) -> None:
    with pytest.raises(InvalidPlaybook, match="must be an active member"):
        update_playbook(playbook=own, by=None, steps=[{"text": "x", "role": "member", "member": mallory.user}])


def test_changed_steps_count_from_the_next_run_on(own: Playbook, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization, owner=mona.user)
    run, _ = start_playbook(playbook=own, account=account, by=None, now=NOON)

    update_playbook(playbook=own, by=mona.user, steps=[{"text": "Only write"}])

    assert texts(own) == ["Only write"]
    assert [step.text for step in run.steps.all()] == ["Call: say what is new", "Send the offer"]
    other = AccountFactory(organization=mona.organization, owner=mona.user)
    later, _ = start_playbook(playbook=own, account=other, by=None, now=NOON)
    assert [step.text for step in later.steps.all()] == ["Only write"]


def test_a_step_that_stays_leaves_no_history(own: Playbook) -> None:
    update_playbook(playbook=own, by=None, steps=FACTS["steps"])

    assert [step.history.count() for step in own.steps.all()] == [1, 1]


def test_of_two_editors_the_second_is_told(own: Playbook) -> None:
    seen_at = own.updated_at
    update_playbook(playbook=own, by=None, title="First", seen_at=seen_at)

    with pytest.raises(PlaybookChangedMeanwhile):
        update_playbook(playbook=own, by=None, title="Second", seen_at=seen_at)


def test_a_built_in_one_is_changed_and_brought_back(own: Playbook, mona: Membership) -> None:
    built_in = own.organization.playbooks.get(number=3)
    shipped = texts(built_in)
    assert not is_changed(built_in)

    update_playbook(playbook=built_in, by=mona.user, title="Health check", steps=[{"text": "Look"}])
    assert is_changed(Playbook.objects.get(pk=built_in.pk))
    restore_playbook(playbook=built_in, by=mona.user)

    stored = Playbook.objects.get(pk=built_in.pk)
    assert (stored.title, texts(stored), is_changed(stored)) == ("Technical Health Check", shipped, False)
    assert (stored.number, stored.key) == (3, "technical_health_check")


def test_built_in_ones_stay_and_ones_own_are_not_restored(own: Playbook) -> None:
    with pytest.raises(BuiltInPlaybookStays):
        delete_playbook(playbook=own.organization.playbooks.get(number=1), by=None)
    with pytest.raises(NothingToRestore):
        restore_playbook(playbook=own, by=None)

    assert own.organization.playbooks.count() == 11


def test_deleted_its_runs_go_on(own: Playbook, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization, owner=mona.user)
    run, _ = start_playbook(playbook=own, account=account, by=None, now=NOON)

    delete_playbook(playbook=own, by=mona.user)

    run.refresh_from_db()
    assert (run.playbook, run.title, run.status) == (None, "Win back", "running")
