"""The team: who carries what, handing over with a preview, the pack, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.models import BulkChange, FollowUp
from csplatform.models import Membership
from insights.selectors.handover_pack import handover_pack
from insights.selectors.team import sorted_loads, team_loads
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.billing import RenewalFactory
from tests.factories.csplatform import TeamFactory
from tests.factories.engagements import CommitmentFactory, EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/team"
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_load_of_each_person_by_hand(mona: Membership, alice: Membership, bob: Membership) -> None:
    # Alice: 12,00,000 + 2,40,000 = 14,40,000 a year = 1,20,000 MRR; at risk the 2,40,000 at 50 = 20,000 MRR
    organization = mona.organization
    large = AccountFactory(organization=organization, owner=alice.user, arr=1_200_000, health_score=Decimal(90))
    AccountFactory(organization=organization, owner=alice.user, arr=240_000, health_score=Decimal(50))
    AccountFactory(organization=organization, owner=alice.user, arr=9_000_000, status="churned", churned_on=TODAY)
    nobodys = AccountFactory(organization=organization, arr=120_000)
    FollowUpFactory(account=large, assignee=alice.user, due_at=NOW - timedelta(hours=1))
    FollowUpFactory(account=large, assignee=alice.user, due_at=NOW + timedelta(days=1))
    FollowUpFactory(account=large, assignee=bob.user, due_at=NOW - timedelta(days=1))
    EngagementFactory(account=large, completed_at=NOW - timedelta(days=3))
    EngagementFactory(account=large, completed_at=NOW - timedelta(days=9))
    RenewalFactory(account=large, due_on=TODAY + timedelta(days=90), target_mrr=Decimal(5000))
    RenewalFactory(account=nobodys, due_on=TODAY + timedelta(days=91))

    rows = {row.name: row for row in team_loads(organization, now=NOW)}

    assert list(rows) == ["Alice", "Bob", "Mona", "Nobody"]
    hers = rows["Alice"]
    assert (hers.accounts, hers.mrr, hers.at_risk_accounts, hers.at_risk_mrr) == (2, 120_000, 1, 20_000)
    assert (hers.open_tasks, hers.overdue_tasks, hers.last_contact) == (2, 1, NOW - timedelta(days=3))
    assert (hers.renewals, hers.renewal_mrr) == (1, 5_000)
    assert (rows["Bob"].accounts, rows["Bob"].overdue_tasks) == (0, 1)
    assert (rows["Nobody"].accounts, rows["Nobody"].mrr, rows["Nobody"].renewals) == (1, 10_000, 0)


def test_sorting_and_a_team(mona: Membership, alice: Membership, bob: Membership) -> None:
    organization = mona.organization
    AccountFactory(organization=organization, owner=bob.user, arr=240_000, health_score=Decimal(50))
    team = TeamFactory(organization=organization)
    team.team_members.create(organization=organization, membership=alice)
    rows = team_loads(organization, now=NOW)

    assert [row.name for row in sorted_loads(rows, "-accounts")] == ["Bob", "Alice", "Mona"]
    assert [row.name for row in sorted_loads(rows, "name")] == ["Alice", "Bob", "Mona"]
    assert sorted_loads(rows, "nonsense")[0].name == "Bob"  # MRR at risk, the most first
    assert [row.name for row in team_loads(organization, now=NOW, team=team)] == ["Alice"]


@pytest.mark.parametrize(
    ("who", "status"), [("amir", 200), ("mona", 200), ("alice", 403), ("farah", 403), ("rita", 403)]
)
@pytest.mark.parametrize("path", ["", "/export", "/handover", "/handover/pack"])
def test_the_team_is_for_leads(client_for, request, who: str, status: int, path: str) -> None:
    client = client_for(request.getfixturevalue(who))

    assert client.get(f"{PAGE}{path}").status_code == status
    assert ("/dashboard/team" in client.get("/dashboard/accounts").content.decode()) is (status == 200)


def test_the_file_has_the_rows_of_the_page(client_for, mona: Membership, alice: Membership) -> None:
    AccountFactory(organization=mona.organization, owner=alice.user, arr=120_000, health_score=Decimal(50))

    response = client_for(mona).get(f"{PAGE}/export?sort=name")

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Accounts,MRR,At-risk accounts,At-risk MRR")
    assert [line.split(",")[:5] for line in lines[1:]] == [
        ["Alice", "1", "10000.00", "1", "10000.00"],
        ["Mona", "0", "0.00", "0", "0.00"],
    ]


# -- handing over -----------------------------------------------------------------------------------


def test_nothing_is_written_before_the_preview_is_confirmed(
    client_for, mona: Membership, alice: Membership, bob: Membership
) -> None:
    account = AccountFactory(organization=mona.organization, owner=alice.user, name="Acme")

    page = client_for(mona).get(f"{PAGE}/handover?from={alice.uuid}&to={bob.uuid}")

    assert "Hand over to Bob, with the open tasks" in page.content.decode()
    assert page.context["preview"].will_change == 1
    account.refresh_from_db()
    assert account.owner == alice.user


def test_accounts_go_with_their_tasks_once_however_often_it_is_clicked_and_can_be_taken_back(
    client_for, mona: Membership, alice: Membership, bob: Membership
) -> None:
    organization = mona.organization
    goes = AccountFactory(organization=organization, owner=alice.user, name="Goes")
    stays = AccountFactory(organization=organization, owner=alice.user, name="Stays")
    hers = FollowUpFactory(account=goes, assignee=alice.user)
    his = FollowUpFactory(account=goes, assignee=mona.user)
    done = FollowUpFactory(account=goes, assignee=alice.user, completed_at=NOW)
    client = client_for(mona)
    posted = {
        "from": str(alice.uuid),
        "to": str(bob.uuid),
        "boxes": "1",
        "selected": [str(goes.number)],
        "token": "once",
    }

    first = client.post(f"{PAGE}/handover/do", posted)
    client.post(f"{PAGE}/handover/do", posted)

    assert (first.status_code, first["Location"]) == (302, PAGE)
    owners = dict(organization.accounts.values_list("name", "owner__name"))
    assert owners == {"Goes": "Bob", "Stays": "Alice"}
    assignees = dict(FollowUp.objects.values_list("pk", "assignee__name"))
    assert assignees == {hers.pk: "Bob", his.pk: "Mona", done.pk: "Alice"}
    assert BulkChange.objects.count() == 1
    assert goes.history.filter(history_change_reason="Owner assigned").count() == 1
    assert hers.history.filter(history_change_reason="Handed over with the account").count() == 1
    told = bob.notifications.get()
    assert told.title == "Goes is yours now"
    assert not alice.notifications.exists()

    client.post(f"/dashboard/accounts/bulk/{BulkChange.objects.get().uuid}/undo")

    assert dict(organization.accounts.values_list("name", "owner__name")) == {"Goes": "Alice", "Stays": "Alice"}
    assert dict(FollowUp.objects.values_list("pk", "assignee__name"))[hers.pk] == "Alice"
    stays.refresh_from_db()
    assert stays.owner == alice.user


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"to": ""}, "Choose somebody."),
        ({"to": "nonsense"}, "Choose an active member from the list."),
        ({"to": "from"}, "Choose somebody else."),
        ({"selected": []}, "There is no account to hand over."),
    ],
)
def test_a_handover_that_makes_no_sense_is_refused_in_a_sentence(
    client_for, mona: Membership, alice: Membership, bob: Membership, changes: dict[str, object], told: str
) -> None:
    account = AccountFactory(organization=mona.organization, owner=alice.user)
    posted = {
        "from": str(alice.uuid),
        "to": str(bob.uuid),
        "boxes": "1",
        "selected": [str(account.number)],
        **changes,
    }
    if posted["to"] == "from":
        posted["to"] = posted["from"]

    html = client_for(mona).post(f"{PAGE}/handover/do", posted, follow=True).content.decode()

    assert told in html
    account.refresh_from_db()
    assert account.owner == alice.user
    assert BulkChange.objects.count() == 0


def test_strangers_are_nobody(client_for, mona: Membership, mallory: Membership) -> None:
    AccountFactory(organization=mallory.organization, owner=mallory.user, name="Theirs")
    client = client_for(mona)

    for path in ("handover", "handover/pack"):
        html = client.get(f"{PAGE}/{path}?from={mallory.uuid}").content.decode()
        assert "Theirs" not in html
    assert "Mallory" not in client.get(PAGE).content.decode()


# -- the pack ---------------------------------------------------------------------------------------


def test_the_pack_says_what_a_successor_has_to_know(client_for, mona: Membership, alice: Membership) -> None:
    account = AccountFactory(organization=mona.organization, owner=alice.user, name="Acme")
    task = FollowUpFactory(account=account, assignee=alice.user, task_type="Renewal QBR")
    FollowUpFactory(account=account, completed_at=NOW, task_type="Old task")
    talk = EngagementFactory(account=account)
    CommitmentFactory(engagement=talk, what="Send the plan", due_on=TODAY)
    CommitmentFactory(engagement=talk, what="Kept long ago", kept_at=NOW)
    ContactFactory(account=account, name="Ravi Kumar", is_primary=True)
    ContactFactory(account=account, name="Gone Person", left_on=TODAY)
    term = RenewalFactory(account=account, due_on=date(2026, 12, 31))
    for number in range(7):
        account.activities.create(
            organization=account.organization,
            kind="note",
            title=f"Event {number}",
            occurred_at=NOW - timedelta(days=number),
        )

    (packed,) = handover_pack(mona.organization, [account], today=TODAY)
    html = client_for(mona).get(f"{PAGE}/handover/pack?from={alice.uuid}").content.decode()

    assert (packed.tasks, packed.renewal) == ([task], term)
    assert [event.title for event in packed.events] == [f"Event {number}" for number in range(5)]
    assert [promise.what for promise in packed.promises] == ["Send the plan"]
    assert [contact.name for contact in packed.contacts] == ["Ravi Kumar"]
    for shown in ("Acme", "Renewal QBR", "Send the plan", "Ravi Kumar", "Event 4", "31 Dec 2026"):
        assert shown in html
    for hidden in ("Old task", "Kept long ago", "Gone Person", "Event 5"):
        assert hidden not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_team_and_pack_cost_the_same_for_any_length(
    client_for, mona: Membership, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        FollowUpFactory(account=AccountFactory(organization=mona.organization, owner=alice.user), assignee=alice.user)
    client = client_for(mona)

    with django_assert_max_num_queries(22):
        client.get(PAGE)
    with django_assert_max_num_queries(24):
        client.get(f"{PAGE}/handover/pack?from={alice.uuid}")
