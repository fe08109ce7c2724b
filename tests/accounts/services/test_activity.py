"""The timeline's lines: written once, revised with their subject."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activities, record_activity, revise_activity
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)


def test_a_line_says_who_did_what_and_when(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    line = record_activity(
        Happening(account=account, kind=ActivityKind.CALL, title="Called Priya", occurred_at=MORNING, by=alice.user)
    )

    assert list(account.activities.values_list("title", "occurred_at", "actor", "is_system")) == [
        ("Called Priya", MORNING, alice.user.pk, False)
    ]
    assert line.organization == alice.organization


def test_many_lines_are_one_statement(alice: Membership, django_assert_num_queries: object) -> None:
    accounts = AccountFactory.create_batch(3, organization=alice.organization)
    lines = [Happening(account=each, kind=ActivityKind.IMPORT, title="Imported", is_system=True) for each in accounts]

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert record_activities(alice.organization, lines) == 3

    assert alice.organization.activities.by_people().count() == 0


def test_a_long_title_is_cut_and_markup_stays_text(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    line = record_activity(
        Happening(account=account, kind=ActivityKind.NOTE, title="<b>" + "é" * 300, text="<script>")
    )

    assert (len(line.title), line.title[:4], line.text) == (255, "<b>é", "<script>")


class GoldStar:
    """Stands for any room's row with a public id."""

    def __init__(self, uuid: object) -> None:
        self.uuid = uuid


def test_the_line_of_an_event_is_revised_and_says_so(alice: Membership, bob: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    subject = GoldStar(account.uuid)

    def told(title: str, by: Membership) -> Happening:
        return Happening(
            account=account, kind=ActivityKind.CALL, title=title, by=by.user, subject=subject, event="logged"
        )

    revise_activity(told("First", alice))
    revise_activity(told("Second", bob))

    line = account.activities.get()
    assert (line.title, line.actor, line.subject_kind) == ("Second", alice.user, "gold_star")
    assert line.edited_at is not None


def test_only_a_named_event_can_be_revised(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    with pytest.raises(ValueError, match="named event"):
        revise_activity(Happening(account=account, kind=ActivityKind.CALL, title="x"))

    assert not account.activities.exists()
