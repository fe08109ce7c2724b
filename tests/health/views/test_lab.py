"""The lab's pages and its API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from csplatform.jobs import run_now
from csplatform.models import Membership, Organization
from health.models import LabRun
from health.services.scorecard import copy_default_scorecards
from health.services.scorecard_versions import new_scorecard
from tests.factories.csplatform import JobFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
ApiFor = Callable[..., APIClient]
PAGE, API = "/dashboard/health/lab", "/api/health/lab"
QUALITY: dict[str, Any] = {
    "observations": 100,
    "positives": 25,
    "flagged": 40,
    "hits": 20,
    "precision": 0.5,
    "recall": 0.8,
    "base_rate": 0.25,
    "separation": {"auc": 0.84, "low": 0.74, "high": 0.93, "tells_apart": True},
    "top_precision": None,
}
RESULT: dict[str, Any] = {
    "months": ["2026-06-30", "2026-07-31"],
    "accounts": 60,
    "churned": 22,
    "unscored": 1,
    "refusal": "",
    "score": QUALITY,
    "risk": QUALITY,
    "draft": None,
    "lead_days": 76.0,
    "told_before": 20,
    "green": [{"number": 7, "name": "Zenith Foods", "score": 91.0, "churned_on": "2026-08-03"}],
    "fit": {
        "weights": {"daily_active_users": 10, "login_rate": 90},
        "fresh": {"auc": 0.95, "low": 0.9, "high": 0.99, "tells_apart": True},
        "live": {"auc": 0.84, "low": 0.74, "high": 0.93, "tells_apart": True},
        "is_better": True,
    },
    "replay": {
        "bands": ["Healthy", "Watchlist", "At Risk", "Critical", "Unknown"],
        "cells": [{"from": "Critical", "to": "Healthy", "accounts": 3, "mrr": "250000.00"}],
        "moved": 3,
        "movers": [{"number": 9, "name": "Indus Retail", "before": 25.0, "after": 100.0}],
    },
}


@pytest.fixture
def finished(organization: Organization, amir: Membership) -> LabRun:
    card = copy_default_scorecards(organization=organization, now=datetime(2026, 11, 20, tzinfo=UTC))
    job = JobFactory(organization=organization, status="succeeded")
    return organization.lab_runs.create(job=job, scorecard=card, by=amir.user, result=RESULT)


def test_a_run_is_started_watched_and_read(
    client_for: ClientFor, organization: Organization, mona: Membership
) -> None:
    copy_default_scorecards(organization=organization, now=datetime(2026, 11, 20, tzinfo=UTC))
    browser = client_for(mona)

    empty = browser.get(PAGE).content.decode()
    started = browser.post(PAGE, follow=True)
    waiting = started.content.decode()
    run_now(organization.lab_runs.get().job)
    read = browser.get(started.redirect_chain[-1][0]).content.decode()

    assert "Nobody has looked back yet" in empty
    assert "Waiting for its turn" in waiting
    assert "No account has churned among those that could be watched" in read


def test_a_result_is_told_in_words(client_for: ClientFor, rita: Membership, finished: LabRun) -> None:
    shown = client_for(rita).get(f"{PAGE}/{finished.uuid}").content.decode()

    for said in ("0.84", "0.74 to 0.93", "80%", "20 of 25", "flagged for 76 days", "Zenith Foods", "3 Aug 2026"):
        assert said in shown
    assert "3 accounts to another band" in shown
    assert "₹2,50,000 a month" in shown
    assert "Make a draft of them" not in shown  # who may only read


def test_proposed_weights_become_a_draft_by_one_click_and_only_one(
    client_for: ClientFor, organization: Organization, mona: Membership, finished: LabRun
) -> None:
    browser = client_for(mona)

    answer = browser.post(f"{PAGE}/{finished.uuid}/propose", follow=True).content.decode()
    again = browser.post(f"{PAGE}/{finished.uuid}/propose", follow=True).content.decode()

    draft = organization.scorecards.get(status="draft")
    assert {row["key"]: row["max_points"] for row in draft.signals} == {"daily_active_users": 10, "login_rate": 90}
    assert "Nothing is scored by it until you publish it" in answer
    assert "There is a draft of this scorecard already" in again


def test_the_api_starts_reads_and_proposes(
    api_for: ApiFor, organization: Organization, mona: Membership, alice: Membership, finished: LabRun
) -> None:
    api = api_for(mona)

    started = api.post(API)
    listed = api.get(API).json()
    one = api.get(f"{API}/{finished.uuid}").json()
    proposed = api.post(f"{API}/{finished.uuid}/propose")
    refused = api_for(alice).post(API)

    assert (started.status_code, started.json()["status"], started.json()["result"]) == (202, "queued", None)
    assert listed["total"] == 2
    assert one["result"] == RESULT
    assert proposed.status_code == 201
    assert refused.status_code == 403


def test_another_organisations_run_does_not_exist(
    client_for: ClientFor, api_for: ApiFor, mallory: Membership, finished: LabRun
) -> None:
    assert client_for(mallory).get(f"{PAGE}/{finished.uuid}").status_code == 404
    assert api_for(mallory).get(f"{API}/{finished.uuid}").status_code == 404


FACTS: dict[str, Any] = {
    "accounts": 5_000,
    "churned": 1_500,
    "refusal": "",
    "left_out": [{"label": "Region code", "why": "400 different texts, more than can be compared"}],
    "suspicious": [{"label": "Churn <value>", "why": "by itself it separates with 1.000"}],
    "separation": {"auc": 0.849, "low": 0.83, "high": 0.869, "tells_apart": True},
    "flagged": [{"share": 0.1, "flagged": 500, "hits": 406, "precision": 0.812, "recall": 0.2706}],
    "columns": [
        {
            "label": "Contract",
            "missing": 0,
            "separation": {"auc": 0.715, "low": 0.68, "high": 0.74, "tells_apart": True},
            "medians": None,
            "levels": [
                {"text": "Month-to-month", "customers": 2_750, "churned": 1_300},
                {"text": "Two year", "customers": 1_200, "churned": 24},
            ],
        },
        {
            "label": "tenure",
            "missing": 12,
            "separation": {"auc": 0.69, "low": 0.65, "high": 0.72, "tells_apart": True},
            "medians": [10.0, 26.5],
            "levels": None,
        },
        {
            "label": "gender",
            "missing": 0,
            "separation": {"auc": 0.51, "low": 0.48, "high": 0.54, "tells_apart": False},
            "medians": None,
            "levels": None,
        },
    ],
}


@pytest.fixture
def facts(organization: Organization, amir: Membership) -> LabRun:
    job = JobFactory(organization=organization, status="succeeded")
    return organization.lab_runs.create(job=job, kind="facts", by=amir.user, result=FACTS)


def test_a_run_of_customer_facts_needs_no_scorecard(
    client_for: ClientFor, organization: Organization, mona: Membership
) -> None:
    browser = client_for(mona)

    started = browser.post(PAGE, {"kind": "facts"}, follow=True)
    waiting = started.content.decode()
    run_now(organization.lab_runs.get().job)
    read = browser.get(started.redirect_chain[-1][0]).content.decode()
    listed = browser.get(PAGE).content.decode()

    assert "Waiting for its turn" in waiting
    assert "No account has churned; 20 are needed before they can be compared with the others." in read
    assert "There are no days in this." in read
    assert "Customer facts" in listed


def test_facts_are_told_in_words_with_their_direction(client_for: ClientFor, rita: Membership, facts: LabRun) -> None:
    shown = client_for(rita).get(f"{PAGE}/{facts.uuid}").content.decode()

    for said in (
        "<strong>0.85</strong> (0.83 to 0.87)",
        "How long before a departure it would have told is not known",
        "The riskiest 10%",
        "81.2%",
        "27.1%",
        "Of all customers 30% have left",
        "Month-to-month: 47.3% of 2,750 left; Two year: 2% of 1,200",
        "Lower: 10 in the middle of those who left, 26.50 of the others",
        "No more than chance: gender.",
        "Churn &lt;value&gt;</strong>: by itself it separates with 1.000",
        "Region code</strong>: 400 different texts",
    ):
        assert said in shown


def test_facts_that_tell_nothing_are_said_to_be_a_coin(
    client_for: ClientFor, rita: Membership, facts: LabRun
) -> None:
    facts.result = FACTS | {
        "separation": {"auc": 0.503, "low": 0.48, "high": 0.53, "tells_apart": False},
        "columns": FACTS["columns"][2:],
        "suspicious": [],
    }
    facts.save()

    shown = client_for(rita).get(f"{PAGE}/{facts.uuid}").content.decode()

    assert "They tell no more than a coin would: <strong>0.50</strong>" in shown
    assert "No fact by itself tells more than chance would." in shown
    assert "The riskiest 10%" not in shown


def test_the_api_compares_facts(
    api_for: ApiFor, client_for: ClientFor, mona: Membership, alice: Membership, mallory: Membership, facts: LabRun
) -> None:
    api = api_for(mona)

    started = api.post(API, {"kind": "facts"})
    one = api.get(f"{API}/{facts.uuid}").json()
    wrong = api.post(API, {"kind": "tea leaves"})
    proposed = api.post(f"{API}/{facts.uuid}/propose")

    assert (started.status_code, started.json()["kind"], started.json()["scorecard_id"]) == (202, "facts", None)
    assert one["result"] == FACTS
    assert (wrong.status_code, proposed.status_code) == (400, 409)
    assert api_for(alice).post(API, {"kind": "facts"}).status_code == 403
    assert client_for(alice).post(PAGE, {"kind": "facts"}).status_code == 403
    assert api_for(mallory).get(f"{API}/{facts.uuid}").status_code == 404
    assert client_for(mallory).get(f"{PAGE}/{facts.uuid}").status_code == 404
    assert mona.organization.lab_runs.count() == 2


def test_the_scorecard_to_look_at_is_chosen(client_for: Any, api_for: Any, mona: Membership) -> None:
    card = copy_default_scorecards(organization=mona.organization, now=datetime(2026, 11, 20, tzinfo=UTC))
    new_scorecard(source=card, name="Large ones", segments=["Enterprise"], by=mona.user)
    client = client_for(mona)

    page = client.get(PAGE).content.decode()
    client.post(PAGE, {"scorecard": "large-ones"})
    unknown = client.post(PAGE, {"scorecard": "weather"}, follow=True).content.decode()
    made = api_for(mona).post(API, {"scorecard": "large-ones"}, format="json")

    assert '<option value="large-ones">Large ones</option>' in page
    assert "There is no live scorecard of daily signals to look at." in unknown
    runs = mona.organization.lab_runs.all()
    assert [run.draft.name for run in runs] == ["Large ones"] * 2
    assert made.status_code == 202
