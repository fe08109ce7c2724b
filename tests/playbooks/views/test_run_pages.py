"""Starting a playbook from anywhere, its page, and the lists it stands on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from csplatform.models import Membership
from playbooks.models import Playbook, PlaybookRun
from playbooks.services.run import start_playbook
from tests.factories.accounts import AccountFactory
from tests.factories.health import AlertFactory, DailyMetricsFactory, SnapshotFactory
from tests.factories.playbooks import PlaybookFactory, RunFactory, StepFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
START = "/dashboard/playbooks/start"


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Aster")


@pytest.fixture
def playbook(alice: Membership) -> Playbook:
    play = PlaybookFactory(organization=alice.organization, title="Win them back", is_builtin=True)
    StepFactory(playbook=play, n=1, title="Call them")
    StepFactory(playbook=play, n=2, title="Write to them", day=4)
    return play


@pytest.fixture
def run(account: Account, playbook: Playbook, alice: Membership) -> PlaybookRun:
    return start_playbook(playbook=playbook, account=account, by=alice.user, now=NOON)[0]


def test_the_form_offers_what_fits_the_account_first(
    client_for: Any, alice: Membership, account: Account, playbook: Playbook
) -> None:
    DailyMetricsFactory(account=account, adoption_pct=10.0)

    page = client_for(alice).get(f"{START}?account={account.number}&origin=alert").text

    assert "Because of Low feature adoption" in page
    assert f'name="playbook" value="{playbook.number}"' in page


def test_one_click_starts_and_a_second_one_finds_it(
    client_for: Any, alice: Membership, account: Account, playbook: Playbook
) -> None:
    client = client_for(alice)
    body = {"account": account.number, "playbook": playbook.number, "origin": "today", "next": "/dashboard"}

    first, second = client.post(START, body), client.post(START, body, follow=True)

    assert (first.status_code, first["Location"]) == (302, "/dashboard")
    assert "is going on with Aster already" in second.text
    run = account.playbook_runs.get()
    assert (run.origin, run.started_by) == ("today", alice.user)


def test_a_strange_way_back_leads_to_the_run(
    client_for: Any, alice: Membership, account: Account, playbook: Playbook
) -> None:
    body = {"account": account.number, "playbook": playbook.number, "next": "https://evil.example/"}

    response = client_for(alice).post(START, body)

    assert response["Location"] == account.playbook_runs.get().get_absolute_url()


@pytest.mark.parametrize("body", [{}, {"playbook": "x", "account": "1"}, {"playbook": "1", "account": "Nobody"}])
def test_what_does_not_validate_is_told_on_the_form(
    client_for: Any, alice: Membership, playbook: Playbook, body: dict[str, str]
) -> None:
    assert client_for(alice).post(START, body).status_code == 422


def test_others_accounts_are_not_started_with(
    client_for: Any, bob: Membership, rita: Membership, account: Account, playbook: Playbook
) -> None:
    body = {"account": account.number, "playbook": playbook.number}

    assert client_for(bob).post(START, body).status_code == 422
    assert client_for(rita).post(START, body).status_code == 403
    assert not account.playbook_runs.exists()


def test_the_page_ticks_steps_off_and_asks_for_the_outcome(
    client_for: Any, alice: Membership, run: PlaybookRun
) -> None:
    client = client_for(alice)
    step = f"/dashboard/playbooks/runs/{run.uuid}/steps"

    assert "0 of 2" in client.get(run.get_absolute_url()).text
    client.post(f"{step}/1")
    assert "1 of 2" in client.get(run.get_absolute_url()).text
    client.post(f"{step}/1", {"reopen": "1"})
    client.post(f"{step}/1")
    page = client.post(f"{step}/2", follow=True).text
    assert "That was the last step. Say what came of it" in page
    client.post(f"/dashboard/playbooks/runs/{run.uuid}/finish", {"outcome": "succeeded", "note": "They signed"})

    run.refresh_from_db()
    assert (run.status, run.outcome, run.note) == ("completed", "succeeded", "They signed")


def test_an_outcome_has_to_be_chosen(client_for: Any, alice: Membership, run: PlaybookRun) -> None:
    response = client_for(alice).post(f"/dashboard/playbooks/runs/{run.uuid}/finish", {"outcome": "customer_left"})

    assert response.status_code == 422
    run.refresh_from_db()
    assert run.status == "running"


def test_pause_resume_and_cancel(client_for: Any, alice: Membership, run: PlaybookRun) -> None:
    client = client_for(alice)
    for verb, status in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled"), ("pause", "cancelled")):
        client.post(f"/dashboard/playbooks/runs/{run.uuid}/{verb}")
        run.refresh_from_db()
        assert run.status == status


def test_a_colleague_does_the_steps_that_are_theirs(
    client_for: Any, alice: Membership, bob: Membership, account: Account
) -> None:
    play = PlaybookFactory(organization=alice.organization)
    StepFactory(playbook=play, n=1, role="member", member=bob.user)
    StepFactory(playbook=play, n=2)
    run, _ = start_playbook(playbook=play, account=account, by=alice.user, now=NOON)
    client = client_for(bob)

    assert client.post(f"/dashboard/playbooks/runs/{run.uuid}/steps/2").status_code == 403
    assert client.post(f"/dashboard/playbooks/runs/{run.uuid}/steps/1").status_code == 302
    assert [step.status for step in run.steps.all()] == ["done", "open"]


def test_it_stands_on_every_page_that_it_belongs_to(
    client_for: Any, alice: Membership, run: PlaybookRun, account: Account, playbook: Playbook
) -> None:
    client = client_for(alice)

    for url in (
        "/dashboard/playbooks",
        "/dashboard/playbooks/runs",
        playbook.get_absolute_url(),
        reverse("playbooks:account_playbooks", args=[account.number]),
        reverse("accounts:account_timeline", args=[account.number]),
        reverse("insights:account_overview", args=[account.number]),
    ):
        assert str(run.uuid) in client.get(url).text, url


def test_the_export_equals_the_screen(client_for: Any, alice: Membership, run: PlaybookRun) -> None:
    response = client_for(alice).get("/dashboard/playbooks/runs/export?status=going_on")

    text = b"".join(response.streaming_content).decode()
    assert "Win them back,Aster" in text


def test_an_alert_leads_to_a_start(client_for: Any, alice: Membership, account: Account) -> None:
    AlertFactory(account=account)

    page = client_for(alice).get("/dashboard/alerts").text

    assert f"{START}?account={account.number}&amp;origin=alert" in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("url", ["/dashboard/playbooks", "/dashboard/playbooks/runs"])
def test_lists_of_runs_cost_the_same_for_any_length(
    client_for: Any, alice: Membership, rows: int, url: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        RunFactory(account=AccountFactory(organization=alice.organization, owner=alice.user))
    RunFactory()  # another organisation's
    client = client_for(alice)
    client.get(url)

    with django_assert_max_num_queries(22):
        page = client.get(url).text

    assert page.count("/dashboard/playbooks/runs/") >= rows


def test_many_accounts_start_from_their_list_and_back(
    client_for: Any, api_for: Any, alice: Membership, account: Account, playbook: Playbook
) -> None:
    other = AccountFactory(organization=alice.organization, owner=alice.user)
    start_playbook(playbook=playbook, account=other, by=None, now=NOON)
    client = client_for(alice)
    assert f'<option value="{playbook.number}">Win them back</option>' in client.get("/dashboard/accounts").text

    body = {"ids": [str(account.uuid), str(other.uuid)], "action": "start_playbook", "value": playbook.number}
    answer = api_for(alice).post("/api/accounts/bulk", body, format="json").json()

    assert (answer["result"]["changed"], answer["result"]["unchanged"]) == (1, 1)
    assert account.playbook_runs.get().origin == "bulk"
    client.post(f"/dashboard/accounts/bulk/{answer['result']['bulk_id']}/undo")
    assert account.playbook_runs.get().status == "cancelled"
    assert other.playbook_runs.get().status == "running"


def test_a_bulk_start_names_a_playbook(api_for: Any, alice: Membership, account: Account) -> None:
    body = {"ids": [str(account.uuid)], "action": "start_playbook", "value": 99}

    response = api_for(alice).post("/api/accounts/bulk", body, format="json")

    assert response.status_code == 400
    assert response.json()["errors"] == {"value": ["takes the number or the id of a playbook."]}


def test_today_starts_what_is_recommended_and_then_leads_to_it(
    client_for: Any, alice: Membership, account: Account, playbook: Playbook
) -> None:
    SnapshotFactory(account=account, score=30, factors=[{"name": "Low feature adoption", "severity": 2, "value": 10}])
    Account.objects.filter(pk=account.pk).update(health_score=30, arr=120_000)
    client = client_for(alice)
    assert "Start the recommended playbook: Win them back" in client.get("/dashboard?user=all").text

    client.post(START, {"account": account.number, "playbook": playbook.number, "origin": "today"})

    page = client.get("/dashboard?user=all").text
    assert "Going on: Win them back" in page
    assert account.playbook_runs.get().get_absolute_url() in page
