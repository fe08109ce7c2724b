"""The accounts import, through the API: every fact, every refusal, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import churn_account, create_account, update_account
from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import TeamFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ApiFor = Callable[..., APIClient]


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


def send(api: APIClient, text: str | bytes, status: int = 201, **options: Any) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("accounts.csv", content, content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": "accounts", **options}, format="multipart")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def counts(done: dict[str, Any]) -> tuple[int, ...]:
    return tuple(done[name] for name in ("created", "updated", "unchanged", "rejected"))


def undo(api: APIClient, done: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = api.post(f"/api/imports/{done['id']}/undo")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def facts(organization: Organization) -> list[tuple[Any, ...]]:
    """Everything that a file can change, of every account."""
    fields = (
        *("name", "external_id", "status", "churned_on", "churn_reason", "segment", "size", "region", "industry"),
        *("lead_source", "owner__email", "team__name", "parent__name", "arr", "seats", "contract_start"),
        *("contract_end", "contract_term_months", "custom_fields", "updated_at"),
    )
    return [
        (*row, sorted(organization.accounts.get(name=row[0]).tags.values_list("name", flat=True)))
        for row in organization.accounts.order_by("number").values_list(*fields)
    ]


FILE = """Name,External id,Status,Segment,Size,Region,Industry,Lead source,Owner,Team,Tags,Parent,ARR,Seats,\
Contract start,Renewal,Term,Support tier,Founded,Score,cf_region
Acme,E-1,At risk,Enterprise,large,South,Fintech,Event,Alice,Platform,"vip, Gold",Group,"₹12,50,000",120,\
2026-01-01,2026-12-31,12,gold,1999-04-01,"1,234.5",Bengaluru
Group,E-2,onboarding,,,,,,alice@acme.example,,,,,,,,,,,,
"""


@pytest.fixture
def custom(mona: Membership) -> None:
    make = {"organization": mona.organization, "by": None}
    create_custom_field(**make, kind="choice", name="Support tier", choices=["Gold", "Silver"])
    create_custom_field(**make, kind="date", name="Founded")
    create_custom_field(**make, kind="number", name="Score")
    create_custom_field(**make, kind="text", name="Region")  # called like a column of its own


@pytest.mark.usefixtures("custom")
def test_every_fact_is_taken_and_the_same_file_again_changes_nothing(
    api_for: ApiFor, mona: Membership, alice: Membership
) -> None:
    organization = mona.organization
    TeamFactory(organization=organization, name="Platform")
    acme = create_account(organization=organization, by=None, name="Acme", arr=Decimal(1_000_000))
    api = api_for(mona)

    first, second = send(api, FILE), send(api, FILE)

    assert counts(first) == (1, 1, 0, 0)
    assert counts(second) == (0, 0, 2, 0)
    acme.refresh_from_db()
    assert [
        *(acme.external_id, acme.status, acme.segment, acme.size, acme.region, acme.industry, acme.lead_source),
        *(acme.owner, acme.team and acme.team.name, acme.parent and acme.parent.name, acme.arr, acme.seats),
        *(acme.contract_start, acme.contract_end, acme.contract_term_months),
        sorted(acme.tags.values_list("name", flat=True)),
    ] == [
        *("E-1", "at_risk", "Enterprise", "large", "South", "Fintech", "Event"),
        *(alice.user, "Platform", "Group", Decimal(1_250_000), 120),
        *(date(2026, 1, 1), date(2026, 12, 31), 12),
        ["Gold", "vip"],
    ]
    assert acme.custom_fields == {
        "support_tier": "Gold",
        "founded": "1999-04-01",
        "score": 1234.5,
        "region": "Bengaluru",
    }
    group = organization.accounts.get(name="Group")
    assert (group.status, group.owner, group.number) == ("onboarding", alice.user, 2)
    # 10,00,000 when it was made, 12,50,000 now: 20,833.33 more a month.
    booked = list(organization.mrr_movements.filter(account=acme).order_by("pk").values_list("kind", "amount"))
    assert sum(amount for _, amount in booked) == Decimal("104166.67")
    call_command("check_ledger", organization=organization.slug)


def test_each_bad_row_says_what_is_wrong_in_the_users_words(
    api_for: ApiFor, mona: Membership, alice: Membership
) -> None:
    AccountFactory(organization=mona.organization, name="Put away", archived_at="2026-01-01T00:00:00Z")
    create_custom_field(
        organization=mona.organization, by=None, kind="choice", name="Tier", choices=["Gold", "Silver"]
    )
    text = (
        "name,status,churned_on,owner,team,tags,parent,arr,renewal,contract_start,term,tier\n"
        "A,gone,,,,,,,,,,\n"
        "B,,2026-01-01,,,,,,,,,\n"
        "C,,,Nobody,,,,,,,,\n"
        "D,,,,Nowhere,,,,,,,\n"
        f"E,,,,,{'x' * 61},,,,,,\n"
        "F,,,,,,f,,,,,\n"
        "G,churned,,,,,,5,,,,\n"
        "H,,,,,,,,2026-01-01,2026-02-01,,\n"
        "I,,,,,,,,,,0,\n"
        "J,,,,,,,,,,,Bronze\n"
        "Put away,,,,,,,,,,,\n"
        "K,churned,2026-12-01,,,,,,,,,\n"
        "Good,,,,,,,,,,,silver\n"
    )

    done = send(api_for(mona), text)

    assert counts(done) == (1, 0, 0, 12)
    assert [(e["row"], e["column"], e["reason"]) for e in done["errors"]] == [
        (2, "status", "is not one of Onboarding, Active, At risk, Churned"),
        (3, "churned_on", "needs the status Churned in the same row"),
        (4, "owner", "is not an active member"),
        (5, "team", "is no team"),
        (6, "tags", "holds a tag that is longer than 60 characters or is not plain text"),
        (7, "parent", "is the account itself"),
        (8, "arr", "cannot be: the same row says that the account has left"),
        (9, "renewal", "is before the contract starts"),
        (10, "term", "must lie between 1 and 240"),
        (11, "tier", "cannot stand here: it takes one of Gold, Silver"),
        (12, "name", "is an archived account; restore it first"),
        (13, "churned_on", "is in the future"),
    ]
    assert mona.organization.accounts.get(name="Good").custom_fields == {"tier": "Silver"}


def test_parents_are_taken_as_far_as_groups_go_and_the_others_told(api_for: ApiFor, mona: Membership) -> None:
    text = "name,parent\nA,B\nB,A\nC,A\nD,Nobody\n" + "".join(f"L{n},L{n - 1}\n" for n in range(1, 7)) + "L0,\n"

    done = send(api_for(mona), text)

    links = dict(mona.organization.accounts.order_by().values_list("name", "parent__name"))
    # Levels: L0 is the first, so L4 is the fifth and last.
    assert links == {
        "A": "B",
        "B": None,
        "C": "A",
        "D": None,
        "L0": None,
        "L1": "L0",
        "L2": "L1",
        "L3": "L2",
        "L4": "L3",
        "L5": None,
        "L6": "L5",
    }
    assert done["notices"] == [
        "The parent of B stays: a group cannot be a circle.",
        "The parent of D stays: there is no account “Nobody”.",
        "The parent of L5 stays: a group has at most 5 levels.",
    ]
    assert counts(send(api_for(mona), text)) == (0, 0, 11, 0)


def test_who_leaves_pays_nothing_from_the_day_on_and_the_ledger_says_so(api_for: ApiFor, mona: Membership) -> None:
    organization = mona.organization
    with time_machine.travel("2026-01-05T06:00:00Z"):
        acme = create_account(organization=organization, by=None, name="Acme", arr=Decimal(120_000))
        gone = create_account(organization=organization, by=None, name="Gone", arr=Decimal(120_000))
        churn_account(account=gone, by=None)

    done = send(
        api_for(mona),
        "name,status,churned_on,churn_reason\nAcme,Churned,2026-10-01,Price\nGone,Churned,2026-05-01,Other\n",
    )

    acme.refresh_from_db()
    assert (acme.status, acme.churned_on, acme.churn_reason, acme.arr) == ("churned", date(2026, 10, 1), "Price", 0)
    # One who has left already stays as they left.
    assert counts(done) == (0, 1, 1, 0)
    last = organization.mrr_movements.filter(account=acme).order_by("-pk").values_list("kind", "amount", "date")[0]
    assert last == ("churn", Decimal("-10000.00"), date(2026, 10, 1))
    call_command("check_ledger", organization=organization.slug)
    assert "Acme left or came back" in undo(api_for(mona), done, 409)["message"]


@pytest.mark.usefixtures("custom")
def test_an_undo_leaves_everything_as_it_was(api_for: ApiFor, mona: Membership, alice: Membership) -> None:
    organization = mona.organization
    TeamFactory(organization=organization, name="Platform")
    create_account(organization=organization, by=None, name="Acme", arr=Decimal(1_000_000), tags=["old"])
    create_account(organization=organization, by=None, name="Old name", external_id="E-9", custom_fields={"score": 5})
    before, tags = facts(organization), organization.account_tags.count()
    done = send(api_for(mona), FILE + "New name,E-9,,,,,,,,,,,,,,,,,,7,\n")
    assert counts(done) == (1, 2, 0, 0)
    assert organization.accounts.get(external_id="E-9").name == "New name"

    undo(api_for(mona), done)

    assert facts(organization) == before
    assert organization.account_tags.count() == tags + 2  # words that stay known: Gold and vip
    assert list(organization.mrr_movements.order_by("pk").values_list("amount", flat=True)) == [
        Decimal("83333.33"),
        Decimal("20833.34"),
        Decimal("-20833.34"),
    ]
    call_command("check_ledger", organization=organization.slug)


def test_an_undo_is_refused_once_somebody_has_changed_an_account(api_for: ApiFor, mona: Membership) -> None:
    done = send(api_for(mona), "name,region\nAcme,South\nOther,North\n")
    update_account(account=Account.objects.get(name="Acme"), by=mona.user, region="East")

    refused = undo(api_for(mona), done, 409)

    assert "Acme was changed" in refused["message"]
    assert mona.organization.accounts.count() == 2


def test_a_dry_run_and_a_strict_refusal_write_nothing(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory(organization=mona.organization, name="Known", region="South")
    text = "name,region,parent,tags\nNew,West,Known,a\nKnown,West,,\nKnown,South,,\n"

    dry = send(api_for(mona), text, dry_run="true")
    strict = send(api_for(mona), text.replace("Known,West", "A B,x" + "y" * 100), strict="true")

    # Of the two rows about Known the last counts, and it changes nothing.
    assert (counts(dry), dry["repeated"], dry["details"]["accounts_created"]) == ((1, 0, 1, 0), 1, 1)
    assert strict["status"] == "failed"
    assert [row[0] for row in facts(mona.organization)] == ["Known"]
    assert not mona.organization.account_tags.exists()


def test_arr_beside_subscriptions_and_names_of_two_members_are_not_guessed(
    api_for: ApiFor, mona: Membership, alice: Membership, bob: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob.user.name = "Alice"
    bob.user.save()
    acme = AccountFactory(organization=mona.organization, name="Acme", arr=Decimal(5))
    monkeypatch.setattr("accounts.arr_sources._sources", [lambda organization, keys: {acme.pk: Decimal(5)}])

    done = send(api_for(mona), "name,owner,arr\nAcme,,7\nNew,alice,\nNewer,ALICE@acme.example,\n")

    assert counts(done) == (1, 0, 1, 1)
    assert done["errors"][0]["reason"] == "is the name of two members; write the e-mail address"
    assert done["notices"] == ["Acme has subscriptions, so its ARR stays at ₹5."]


def test_a_piece_costs_the_same_for_any_number_of_accounts(api_for: ApiFor, mona: Membership) -> None:
    create_account(organization=mona.organization, by=None, name="Parent")
    api, costs = api_for(mona), []

    for size in (1, 1, 3):
        rows = "".join(
            f"New {size} {n} {len(costs)},tag {len(costs)} {n},Parent,{n + 1},South\n" for n in range(size)
        )
        with CaptureQueriesContext(connection) as queries:
            send(api, f"name,tags,parent,arr,region\n{rows}")
        costs.append(len(queries))

    assert costs[1] == costs[2]


def test_the_sample_imports_without_a_complaint(api_for: ApiFor, mona: Membership) -> None:
    sample = Path(str(finders.find("samples/accounts-sample.csv"))).read_bytes()

    done = send(api_for(mona), sample)

    assert counts(done) == (5, 0, 0, 0)
    assert done["notices"] == []
    assert counts(send(api_for(mona), sample)) == (0, 0, 5, 0)


def test_only_managers_bring_accounts_and_strangers_see_nothing(
    api_for: ApiFor, mona: Membership, alice: Membership, rita: Membership, mallory: Membership
) -> None:
    acme = AccountFactory(organization=mona.organization, name="Acme", region="South")
    for member in (alice, rita):
        send(api_for(member), "name,region\nAcme,West\n", 403)

    send(api_for(mallory), "name,region,parent\nAcme,West,\nOther,,Acme\n")

    acme.refresh_from_db()
    assert acme.region == "South"
    assert mona.organization.accounts.count() == 1


OUTCOMES = "customer_id,Churn,Region\nC-1,Yes,South\nC-2,No,North\nC-3, ,East\n"


def test_a_plain_yes_to_churn_is_the_status_and_the_day_is_said(api_for: ApiFor, mona: Membership) -> None:
    first, again = send(api_for(mona), OUTCOMES), send(api_for(mona), OUTCOMES)

    accounts = mona.organization.accounts.order_by("number").values_list("name", "status", "churned_on")
    assert list(accounts) == [
        ("C-1", "churned", date(2026, 11, 20)),
        ("C-2", "active", None),
        ("C-3", "active", None),
    ]
    assert first["notices"] == ["1 account has left on a day that the file does not say; stored is 20 Nov 2026."]
    assert (counts(again), again["notices"]) == ((0, 0, 3, 0), [])


def test_no_to_churn_changes_no_status(api_for: ApiFor, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization, name="Acme", external_id="C-2", status="at_risk")

    send(api_for(mona), OUTCOMES)

    account.refresh_from_db()
    assert (account.status, account.region) == ("at_risk", "North")


@pytest.mark.parametrize(("word", "status"), [("1", "churned"), ("0", "active"), ("Attrited Customer", "churned")])
def test_tables_say_who_has_left_in_many_words(api_for: ApiFor, mona: Membership, word: str, status: str) -> None:
    send(api_for(mona), f"customer_id,Exited\nC-1,{word}\n")

    assert mona.organization.accounts.get().status == status


def test_a_churn_that_the_same_row_denies_is_refused(api_for: ApiFor, mona: Membership) -> None:
    rows = ["A,yes,Active,,", "B,no,,2026-11-01,", "C,perhaps,,,", "D,yes,,2026-11-01,", "E,yes,,,9"]
    text = "\n".join(["name,churn,status,churn date,arr", *rows])

    done = send(api_for(mona), text)

    assert [(each["row"], each["column"], each["reason"]) for each in done["errors"]] == [
        (2, "churn", "cannot be: the same row gives the account another status"),
        (3, "churn date", "needs the status Churned in the same row"),
        (4, "churn", "is not yes or no"),
        (6, "arr", "cannot be: the same row says that the account has left"),
    ]
    assert list(mona.organization.accounts.values_list("name", "churned_on")) == [("D", date(2026, 11, 1))]
