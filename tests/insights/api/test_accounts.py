"""The customer-management contract's accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import create_account
from accounts.services.custom_fields import create_custom_field
from billing.selectors.mrr import mrr_at
from csplatform.models import Membership
from csplatform.periods import today
from tests.factories.accounts import AccountFactory, ContactFactory, TagFactory
from tests.factories.csplatform import TeamFactory
from tests.factories.goals import GoalFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
URL = "/api/accounts"
NASTY = "<script>alert('x')</script> \"q\" & \U0001f600 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC), tick=False) as clock:
        yield clock


def names(api: APIClient, query: str = "") -> list[str]:
    answer = api.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["data"]]


# -- the list ---------------------------------------------------------------------------------------


def test_the_envelope_and_a_rows_keys(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", arr=Decimal("50000.00"), health_score=72.9)
    account.engagements.create(
        organization=alice.organization, type="call", title="Hello", completed_at="2026-11-02T04:30:00Z"
    )

    answer = api_for(alice).get(URL).json()

    row = answer.pop("data")[0]
    assert answer == {"total": 1, "page": 1, "limit": 25, "hasMore": False}
    assert row == {
        "id": str(account.uuid),
        "number": account.number,
        "organization_id": str(alice.organization.uuid),
        "name": "Acme",
        "industry": None,
        "size": None,
        "arr": 50000,
        "status": "active",
        "health_score": 72,
        "churn_risk_score": 0,
        "last_engagement": "2026-11-02T04:30:00Z",
        "external_id": None,
        "segment": None,
        "region": None,
        "lead_source": None,
        "seats": None,
        "owner_id": None,
        "owner_name": None,
        "team_id": None,
        "parent_id": None,
        "tags": [],
        "custom_fields": {},
        "contract_start": None,
        "contract_end": None,
        "contract_term_months": None,
        "archived_at": None,
        "created_at": "2026-11-20T06:30:00Z",
        "updated_at": "2026-11-20T06:30:00Z",
    }


def test_pages_do_not_overlap_and_one_past_the_end_is_empty(alice: Membership, api_for: ApiFor) -> None:
    for name in ("Beta", "alpha", "Gamma"):
        AccountFactory(organization=alice.organization, name=name)
    api = api_for(alice)

    assert [names(api, f"limit=2&page={page}") for page in (1, 2, 3)] == [["alpha", "Beta"], ["Gamma"], []]
    assert api.get(f"{URL}?page=3&limit=2").json() == {
        "data": [],
        "total": 3,
        "page": 3,
        "limit": 2,
        "hasMore": False,
    }
    assert api.get(f"{URL}?page=1&limit=2").json()["hasMore"] is True


def test_scores_are_filtered_as_they_are_printed(alice: Membership, api_for: ApiFor) -> None:
    for name, score, last in (
        ("59.9", "59.9", None),
        ("60", "60.0", None),
        ("last 30", None, "30.4"),
        ("never", None, None),
    ):
        AccountFactory(organization=alice.organization, name=name, health_score=score, last_known_health_score=last)
    api = api_for(alice)

    assert names(api, "health_max=59") == ["59.9", "last 30", "never"]
    assert names(api, "health_min=60") == ["60"]
    assert names(api, "health_min=50&health_max=50") == ["never"]
    assert names(api, "health_min=30&health_max=30") == ["last 30"]
    assert names(api, "health_max=29") == []
    assert names(api, "health_min=60&health_max=40") == []
    printed = {row["name"]: row["health_score"] for row in api.get(URL).json()["data"]}
    assert printed == {"59.9": 59, "60": 60, "last 30": 30, "never": 50}


def test_filters_combine(alice: Membership, api_for: ApiFor) -> None:
    organization = alice.organization
    tag = TagFactory(organization=organization, name="vip")
    acme = AccountFactory(organization=organization, name="Acme Cloud", status="at_risk", owner=alice.user)
    acme.account_tags.create(organization=organization, tag=tag)
    AccountFactory(organization=organization, name="acme Ltd")
    AccountFactory(organization=organization, name="Gone", archived_at="2026-01-01T00:00Z")
    AccountFactory(name="Acme elsewhere")
    api = api_for(alice)

    assert names(api, "search=ACME") == ["Acme Cloud", "acme Ltd"]
    assert names(api, "search=acme&status=at_risk") == ["Acme Cloud"]
    assert names(api, "search=%25") == []
    assert names(api, "tag=vip") == names(api, "user=my_accounts") == ["Acme Cloud"]
    assert names(api, f"owner_id={alice.user.uuid}") == ["Acme Cloud"]
    assert names(api, "archived=true") == ["Gone"]
    assert names(api, "unknown=1&status=") == ["Acme Cloud", "acme Ltd"]


def test_custom_fields_of_choices_and_yes_or_no_narrow_the_list(alice: Membership, api_for: ApiFor) -> None:
    organization = alice.organization
    for name, kind in (("Tier", "choice"), ("Stack", "multi_choice"), ("VIP", "boolean")):
        choices = [] if kind == "boolean" else ["Gold", "Gold+", "Zürich"]
        create_custom_field(organization=organization, by=None, name=name, kind=kind, choices=choices)
    rows = {
        "A": {"tier": "Gold", "stack": ["Gold+"], "vip": True},
        "B": {"tier": "Gold+", "stack": ["Gold", "Zürich"], "vip": False},
        "C": {},
    }
    for name, values in rows.items():
        AccountFactory(organization=organization, name=name, custom_fields=values)
    api = api_for(alice)

    assert names(api, "cf_tier=Gold") == ["A"]
    assert names(api, "cf_stack=Gold") == ["B"]
    assert names(api, "cf_stack=Z%C3%BCrich") == ["B"]
    assert (names(api, "cf_vip=true"), names(api, "cf_vip=false")) == (["A"], ["B"])
    answer = api.get(f"{URL}?cf_tier=Bronze")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"cf_tier": ["takes Gold, Gold+, Zürich."]})


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=abc", "limit=0", "limit=101", "limit=x", "status=foo", "health_min=-1", "health_max=101",
        "health_min=abc", "health_max=59.5", "size=huge", "segment=Tiny", "archived=perhaps", "ordering=password",
        "owner_id=me", "user=everybody",
    ],
)  # fmt: skip
def test_a_bad_parameter_is_a_400_that_names_it(alice: Membership, api_for: ApiFor, query: str) -> None:
    answer = api_for(alice).get(f"{URL}?{query}")

    name = query.split("=")[0]
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert answer.json()["message"].startswith(f"{name}: takes ")


def test_the_list_sorts_and_answers_csv(alice: Membership, api_for: ApiFor) -> None:
    for name, arr in (("=A1", 5), ("Beta", None), ("Gamma", 9)):
        AccountFactory(organization=alice.organization, name=name, arr=arr)
    api = api_for(alice)

    assert names(api, "ordering=-arr") == ["Gamma", "=A1", "Beta"]
    assert names(api, "ordering=arr") == ["=A1", "Gamma", "Beta"]
    lines = b"".join(api.get(f"{URL}?format=csv&ordering=arr")).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,number,name,industry,size,arr,status,health_score")
    assert lines[1].split(",")[2:6] == ["'=A1", "", "", "5"]


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_the_list_costs_the_same_for_any_length(
    alice: Membership, api_for: ApiFor, rows: int, django_assert_max_num_queries: Any
) -> None:
    team = TeamFactory(organization=alice.organization)
    for _ in range(rows):
        account = AccountFactory(organization=alice.organization, owner=alice.user, team=team)
        account.account_tags.create(organization=alice.organization, tag=TagFactory(organization=alice.organization))
    api = api_for(alice)
    api.get(URL)

    with django_assert_max_num_queries(8) as queries:
        assert len(api.get(f"{URL}?limit=100").json()["data"]) == rows

    # the count, the rows, their tags; the rest is the key with its member, and on PostgreSQL the scope
    assert sum("accounts_" in query["sql"] for query in queries.captured_queries) == 3


# -- one account ------------------------------------------------------------------------------------


def test_an_account_is_created_with_everything_that_may_be_written(amir: Membership, api_for: ApiFor) -> None:
    team, parent = TeamFactory(organization=amir.organization), AccountFactory(organization=amir.organization)
    create_custom_field(organization=amir.organization, by=None, name="Tier", kind="choice", choices=["Gold"])
    body = {
        "name": "Acme",
        "industry": "Retail",
        "size": "large",
        "arr": 50000,
        "status": "onboarding",
        "external_id": "E-1",
        "segment": "SMB",
        "region": "West",
        "lead_source": "Web",
        "seats": 20,
        "owner_id": str(amir.user.uuid),
        "team_id": str(team.uuid),
        "parent_id": parent.number,
        "tags": ["vip", "beta"],
        "custom_fields": {"tier": "gold", "unknown": 1},
        "contract_start": "2026-01-01",
        "contract_end": "2026-12-31",
        "contract_term_months": 12,
    }

    answer = api_for(amir).post(URL, {**body, "id": "mine", "churn_risk_score": 900}, format="json")

    assert answer.status_code == 201
    made = answer.json()
    expected = {**body, "parent_id": str(parent.uuid), "tags": ["beta", "vip"], "custom_fields": {"tier": "Gold"}}
    assert {key: made[key] for key in expected} == expected
    assert (made["health_score"], made["churn_risk_score"], '"arr":50000,' in answer.content.decode()) == (
        50,
        0,
        True,
    )
    # 50,000 a year is 4,166.67 a month
    assert mrr_at(amir.organization, today(amir.organization)) == Decimal("4166.67")
    assert api_for(amir).get(f"{URL}/{made['id']}").json() == made
    assert api_for(amir).get(f"{URL}/{made['number']}").json() == made


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"industry": "x" * 101}, "industry"),
        ({"size": "huge"}, "size"),
        ({"arr": "a lot"}, "arr"),
        ({"arr": -1}, "arr"),
        ({"arr": 10**10}, "arr"),
        ({"arr": "NaN"}, "arr"),
        ({"arr": 1.005}, "arr"),
        ({"status": "happy"}, "status"),
        ({"status": None}, "status"),
        ({"segment": "Tiny"}, "segment"),
        ({"seats": -1}, "seats"),
        ({"seats": 2.5}, "seats"),
        ({"owner_id": "nobody"}, "owner_id"),
        ({"team_id": "00000000-0000-4000-8000-000000000000"}, "team_id"),
        ({"parent_id": 999}, "parent_id"),
        ({"tags": "vip"}, "tags"),
        ({"tags": ["x" * 61]}, "tags.0"),
        ({"custom_fields": []}, "custom_fields"),
        ({"contract_start": "soon"}, "contract_start"),
        ({"contract_start": "2026-02-01", "contract_end": "2026-01-01"}, "contract_end"),
        ({"contract_term_months": 0}, "contract_term_months"),
        ({"health_score": 101}, "health_score"),
        ({"health_score": "high"}, "health_score"),
    ],
)
def test_a_bad_value_is_a_400_at_its_field(
    amir: Membership, api_for: ApiFor, facts: dict[str, Any], field: str
) -> None:
    AccountFactory(organization=amir.organization, name="taken")

    answer = api_for(amir).post(URL, {"name": "Acme"} | facts, format="json")

    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, [field])
    assert amir.organization.accounts.count() == 1


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", ""])
def test_a_body_that_is_no_object_is_a_400(amir: Membership, api_for: ApiFor, body: str) -> None:
    answer = api_for(amir).post(URL, body, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]) == (400, True)


def test_a_change_leaves_what_it_does_not_name(alice: Membership, api_for: ApiFor) -> None:
    account = create_account(
        organization=alice.organization, by=alice.user, name="Acme", owner=alice.user, industry="Retail", tags=["a"]
    )
    url, api = f"{URL}/{account.uuid}", api_for(alice)
    read = api.get(url).json()

    changed = api.put(url, {"arr": 120000.5}, format="json").json()
    again = api.put(url, {**changed, "region": "West"}, format="json").json()

    assert read["arr"] is None
    assert (changed["arr"], changed["industry"], changed["tags"], changed["owner_id"]) == (
        120000.5,
        "Retail",
        ["a"],
        str(alice.user.uuid),
    )
    assert (again["region"], again["arr"], again["name"]) == ("West", 120000.5, "Acme")
    assert api.put(url, {"industry": None, "size": None, "tags": []}, format="json").json()["tags"] == []


def test_the_detail_shows_what_every_room_knows(alice: Membership, bob: Membership, api_for: ApiFor) -> None:
    team = TeamFactory(organization=alice.organization)
    team.members.set([alice, bob], through_defaults={"organization": alice.organization})
    account = AccountFactory(
        organization=alice.organization, owner=alice.user, team=team, health_score=62, last_known_health_score=62
    )
    DailyMetricsFactory(account=account, date="2026-10-25", health_score=71)
    DailyMetricsFactory(account=account, date="2026-11-19", health_score=62, tickets_open=3)
    contact = ContactFactory(account=account, name="Priya", is_primary=True)
    ContactFactory(account=account, name="Gone", left_on="2026-01-01")
    account.engagements.create(organization=alice.organization, type="call", title="Hello")

    GoalFactory(account=account, title="Twice the seats")
    GoalFactory(account=account, title="Missed", status="missed")
    detail = api_for(alice).get(f"{URL}/{account.uuid}").json()

    assert detail["metrics"]["metric_date"] == "2026-11-19"
    assert (detail["metrics"]["support_tickets"], detail["metrics"]["overall_health_score"]) == (3, 62)
    # 62 - 71
    assert detail["health_trend"] == {"days": 30, "change": -9.0, "direction": "down"}
    assert detail["health_history"] == [
        {"date": "2026-10-25", "score": 71.0, "band": "Watchlist"},
        {"date": "2026-11-19", "score": 62.0, "band": "Watchlist"},
    ]
    assert [each["title"] for each in detail["recent_engagements"]] == ["Hello"]
    assert [each["title"] for each in detail["active_goals"]] == ["Twice the seats"]
    assert detail["team"] == [
        {"id": str(alice.user.uuid), "name": "Alice", "email": alice.user.email, "role": "owner"},
        {"id": str(bob.user.uuid), "name": "Bob", "email": bob.user.email, "role": "team"},
    ]
    assert [each["id"] for each in detail["contacts"]] == [str(contact.uuid)]
    assert (detail["computed_health_score"], detail["health_override"]) == (62.0, None)


def test_another_health_score_in_a_change_is_an_override(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api, url = api_for(alice), f"{URL}/{account.uuid}"

    same = api.put(url, {"health_score": 50}, format="json").json()
    set_by_hand = api.put(url, {"health_score": 83, "health_score_reason": "They told us"}, format="json").json()

    assert same["health_override"] is None
    assert (set_by_hand["health_score"], set_by_hand["computed_health_score"]) == (83, None)
    # two weeks from 20 November
    assert set_by_hand["health_override"] == {
        "score": 83.0,
        "reason": "They told us",
        "expires_on": "2026-12-04",
        "set_by": "Alice",
    }


def test_deleting_archives_and_a_second_time_is_a_404(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)
    api, url = api_for(alice), f"{URL}/{account.uuid}"

    first, second = api.delete(url), api.delete(url)

    assert (first.status_code, first.json()) == (200, {"message": "Acme is archived. Nothing of it was deleted."})
    assert (second.status_code, api.get(url).status_code, api.put(url, {}).status_code) == (404, 404, 404)
    assert (names(api), names(api, "archived=true")) == ([], ["Acme"])
    restored = api.post(f"{url}/restore")
    assert (restored.status_code, restored.json()["archived_at"], names(api)) == (200, None, ["Acme"])
    assert Account.objects.get().history.count() == 3


def test_who_may_write_what(
    alice: Membership, bob: Membership, rita: Membership, farah: Membership, mallory: Membership, api_for: ApiFor
) -> None:
    account = AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)
    url = f"{URL}/{account.uuid}"

    for member in (bob, rita, farah):
        api = api_for(member)
        assert api.get(url).status_code == 200
        assert api.put(url, {"name": "Mine"}).status_code == 403
        assert api.delete(url).status_code == 403
        assert api.post(f"{url}/restore").status_code == 403
    for member in (rita, farah):
        assert api_for(member).post(URL, {"name": "New"}).status_code == 403
    assert [api_for(mallory).get(url).status_code, api_for(mallory).put(url, {"name": "X"}).status_code] == [404, 404]
    assert (alice.organization.accounts.get().name, names(api_for(mallory))) == ("Acme", [])


def test_a_csm_owns_what_they_make_and_hands_nothing_over(
    alice: Membership, bob: Membership, api_for: ApiFor
) -> None:
    api, theirs = api_for(alice), str(bob.user.uuid)
    mine = api.post(URL, {"name": "Acme"}).json()

    refused = api.post(URL, {"name": "Other", "owner_id": theirs})
    handed = api.put(f"{URL}/{mine['id']}", {"owner_id": theirs})

    assert (mine["owner_id"], refused.status_code, handed.status_code) == (str(alice.user.uuid), 403, 403)
    assert api.put(f"{URL}/{mine['id']}", {"owner_id": str(alice.user.uuid), "region": "West"}).status_code == 200
    assert [account.owner for account in alice.organization.accounts.all()] == [alice.user]


def test_a_stale_write_is_a_412(alice: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    api, url = api_for(alice), f"{URL}/{account.uuid}"
    seen = api.get(url)["ETag"]
    with time_machine.travel(datetime(2026, 11, 20, 7, 30, tzinfo=UTC)):
        assert api.put(url, {"region": "West"}, headers={"If-Match": seen}).status_code == 200

        assert api.put(url, {"region": "East"}, headers={"If-Match": seen}).status_code == 412
        assert api.delete(url, headers={"If-Match": seen}).status_code == 412

    assert api.get(url).json()["region"] == "West"


def test_text_comes_back_as_it_was_sent(alice: Membership, api_for: ApiFor) -> None:
    text = NASTY[:100]

    made = api_for(alice).post(URL, {"name": NASTY, "industry": text, "tags": [NASTY[:60]]}, format="json").json()

    assert (made["name"], made["industry"], made["tags"]) == (NASTY, text, [NASTY[:60].strip()])
