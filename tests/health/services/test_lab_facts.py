"""The lab over what is stored of customers: from a table without days to what goes with leaving."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.services.custom_fields import create_custom_field
from csplatform.jobs import run_now
from csplatform.models import Membership, Organization
from health.models import LabRun
from health.selectors.customer_facts import customer_facts
from health.services.lab import NothingProposed, draft_proposed_weights
from health.services.lab_facts import start_facts_run
from tests.accounts.imports.test_new_fields import accept, bring_in, look_at
from tests.factories.accounts import AccountFactory
from tests.factories.churn_table import churn_table

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]


def run(organization: Organization, by: Membership) -> dict[str, Any]:
    lab_run = start_facts_run(organization=organization, by=by.user)
    job = run_now(lab_run.job)
    assert job.status == "succeeded", job.error
    lab_run.refresh_from_db()
    assert lab_run.result is not None
    return lab_run.result


def brought(client: Client, member: Membership, content: bytes) -> None:
    """Through the pages, with every suggestion taken."""
    of = bring_in(client, accept(client, look_at(client, member, content)))
    assert (of.created, of.rejected) == (5_000, 0)


def make(organization: Organization, count: int, *, status: str, **values: Any) -> None:
    churned_on = "2026-11-01" if status == "churned" else None
    for _ in range(count):
        AccountFactory(organization=organization, status=status, churned_on=churned_on, **values)


def test_a_table_with_a_planted_cause_goes_from_file_to_finding(client_for: ClientFor, amir: Membership) -> None:
    """The log odds that were planted separate this table with 0.850; a fit that found them comes near."""
    started = time.perf_counter()
    brought(client_for(amir), amir, churn_table(5_000, seed=7))

    result = run(amir.organization, amir)

    assert time.perf_counter() - started < 90
    assert (result["accounts"], result["refusal"], result["suspicious"]) == (5_000, "", [])
    together = result["separation"]
    assert together["auc"] == pytest.approx(0.850, abs=0.01)
    assert together["low"] > 0.82
    by_label = {column["label"]: column for column in result["columns"]}
    telling = {label for label, column in by_label.items() if column["separation"]["tells_apart"]}
    assert {"Contract", "tenure", "InternetService"} <= telling
    assert not {"gender", "Partner", "SeniorCitizen"} & telling
    assert result["columns"][0]["label"] in {"Contract", "tenure", "TotalCharges"}
    most, fewest = by_label["Contract"]["levels"]
    assert (most["text"], fewest["text"]) == ("Month-to-month", "Two year")
    left, stayed = by_label["tenure"]["medians"]
    assert left < stayed
    assert by_label["MonthlyCharges"]["missing"] > 100
    tenth = result["flagged"][0]
    assert tenth["flagged"] == 500
    assert tenth["precision"] > 2 * result["churned"] / 5_000
    assert {"label": "Region code", "why": "400 different texts, more than can be compared"} in result["left_out"]


def test_a_table_of_noise_says_that_it_tells_nothing(client_for: ClientFor, amir: Membership) -> None:
    brought(client_for(amir), amir, churn_table(5_000, seed=7, is_noise=True))

    result = run(amir.organization, amir)

    assert result["churned"] > 600
    assert result["separation"]["low"] <= 0.5 <= result["separation"]["high"]
    assert not result["separation"]["tells_apart"]
    assert [column for column in result["columns"] if column["separation"]["tells_apart"]] == []


def test_what_was_written_on_leaving_is_named_and_left_out(organization: Organization, amir: Membership) -> None:
    create_custom_field(organization=organization, by=None, kind="boolean", name="Churn value")
    create_custom_field(organization=organization, by=None, kind="text", name="Exit interview")
    make(
        organization, 25, status="churned", region="South", custom_fields={"churn_value": True, "exit_interview": "x"}
    )
    make(organization, 60, status="active", region="South", custom_fields={"churn_value": False})
    make(organization, 15, status="active", region="North", custom_fields={"churn_value": False})

    result = run(organization, amir)

    assert result["suspicious"] == [
        {"label": "Churn value", "why": "by itself it separates with 1.000"},
        {"label": "Exit interview", "why": "whether it is filled tells who has left"},
    ]
    assert "Region" in [column["label"] for column in result["columns"]]
    assert not {"Churn value", "Exit interview"} & {column["label"] for column in result["columns"]}


def test_fields_that_are_the_outcome_are_never_looked_at(organization: Organization, amir: Membership) -> None:
    """ARR ends with the account; so does its status. Dates say nothing without days."""
    create_custom_field(organization=organization, by=None, kind="date", name="Signed")
    make(organization, 25, status="churned", custom_fields={"signed": "2020-01-01"}, arr=0, seats=5)
    make(organization, 25, status="active", custom_fields={"signed": "2024-01-01"}, arr=100_000, seats=6)

    result = run(organization, amir)

    assert [each["label"] for each in result["suspicious"]] == ["Seats"]
    assert result["columns"] == []
    assert (result["separation"], result["flagged"]) == (None, [])
    whys = {each["label"]: each["why"] for each in result["left_out"]}
    assert whys["Status, churn date and reason, ARR"] == "they are what became of the customer"
    assert whys["Signed"] == "a date is no measure without days"


@pytest.mark.parametrize(
    ("churned", "stayed", "refusal"),
    [
        (0, 30, "No account has churned; 20 are needed before they can be compared"),
        (19, 30, "Only 19 accounts churned; 20 are needed before they can be compared"),
        (30, 5, "Nearly all accounts have churned;"),
        (20, 20, "Nothing is stored of the accounts that could be compared"),
    ],
)
def test_too_little_is_refused_with_the_reason(
    organization: Organization, amir: Membership, churned: int, stayed: int, refusal: str
) -> None:
    bare = {"segment": "", "size": "", "region": "", "industry": "", "lead_source": "", "seats": None}
    make(organization, churned, status="churned", **bare)
    make(organization, stayed, status="active", **bare)

    result = run(organization, amir)

    assert result["refusal"].startswith(refusal)
    assert (result["separation"], result["columns"], result["suspicious"]) == (None, [], [])


def test_only_the_organisations_own_accounts_count(
    organization: Organization, amir: Membership, mallory: Membership
) -> None:
    make(mallory.organization, 30, status="churned", region="South")
    make(organization, 3, status="active", region="South")
    AccountFactory(organization=organization, archived_at="2026-11-01T00:00Z")

    result = run(organization, amir)

    assert (result["accounts"], result["churned"]) == (3, 0)


@pytest.mark.parametrize("fields", [1, 3])
def test_reading_costs_the_same_for_any_number_of_fields(
    organization: Organization, amir: Membership, fields: int, django_assert_num_queries: Any
) -> None:
    for at in range(fields):
        create_custom_field(organization=organization, by=None, kind="number", name=f"F{at}")
    make(organization, fields, status="active")

    with django_assert_num_queries(2):
        customer_facts(organization)


def test_a_run_of_facts_proposes_no_weights(organization: Organization, amir: Membership) -> None:
    make(organization, 3, status="active")
    run(organization, amir)

    with pytest.raises(NothingProposed):
        draft_proposed_weights(lab_run=LabRun.objects.get(), by=amir.user)
