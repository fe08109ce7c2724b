"""The scorecard editor, and the same over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from csplatform.models import Membership
from health.models import Scorecard
from health.services.scorecard import copy_customer_360
from health.services.scorecard_versions import draft_version
from tests.factories.health import NOON, primary_scorecard

pytestmark = pytest.mark.django_db
GUARD = {
    "conditions": [{"measure": "days_to_renewal", "comparison": "at_most", "value": 60}],
    "effect": "cap",
    "score": 59,
    "text": "The renewal is near",
}


@pytest.fixture
def live(mona: Membership) -> Scorecard:
    copy_customer_360(organization=mona.organization, now=NOON)
    return primary_scorecard(mona.organization, now=NOON)


def posted(page: Any, **changes: Any) -> dict[str, Any]:
    """What the browser would send of the form, with some fields changed."""
    form = page.context["form"]
    forms = [each.form for each in form.signals]
    forms += [one for guard in form.guards for one in (guard.form, *guard.conditions)]
    fields = {field.html_name: _sent(field) for one in forms for field in one}
    fields = {name: value for name, value in fields.items() if value is not None and value is not False}
    return {**fields, **form.audience.initial, "note": form.note_value, **changes}


def _sent(field: Any) -> Any:
    """Its value; of a select without one, its first choice."""
    choices = getattr(field.field, "choices", None)
    return choices[0][0] if choices and field.value() is None else field.value()


def test_from_a_new_version_to_its_publication(client_for: Any, mona: Membership, live: Scorecard) -> None:
    client = client_for(mona)
    draft_url = client.post(reverse("health:scorecard_draft", args=[live.uuid]))["Location"]
    page = client.get(draft_url)

    changes = {
        "nps-max_points": "20",
        "guard-0-score": "59",
        "guard-0-text": "The renewal is near",
        "guard-0-0-measure": "days_to_renewal",
        "guard-0-0-comparison": "at_most",
        "guard-0-0-value": "60",
        "note": "Renewals come first",
    }
    saved = client.post(draft_url, posted(page, **changes), follow=True)
    draft = Scorecard.objects.get(version=2)
    published = client.post(reverse("health:scorecard_publish", args=[draft.uuid]), follow=True)

    assert saved.context["changes"] == [
        "NPS: weight 15 → 20",
        "New guard. Capped at 59: The renewal is near (when Days to the renewal at most 60 days)",
    ]
    assert draft.guards == [GUARD]
    # 20 of 105 points
    assert "19%" in saved.content.decode()
    assert [str(message) for message in published.context["messages"]] == [
        "Signals, version 2 is live. The accounts are being scored by it now."
    ]
    versions = [(card.version, card.status) for card in published.context["versions"]]
    assert versions == [(2, "published"), (1, "retired")]
    assert "Renewals come first" in published.content.decode()
    assert "Capped at 59: The renewal is near" in client.get(reverse("health:scorecards")).content.decode()


def test_what_cannot_be_is_said_and_stays_in_the_form(client_for: Any, mona: Membership, live: Scorecard) -> None:
    draft = draft_version(scorecard=live, by=mona.user)
    client = client_for(mona)
    page = client.get(draft.get_absolute_url())

    wrong = posted(page, **{"adoption_pct-worst": "100", "guard-0-text": "Why not", "guard-0-score": "120"})
    answer = client.post(draft.get_absolute_url(), wrong)
    garbled = client.post(draft.get_absolute_url(), posted(page, **{"nps-max_points": "many"}))

    assert (answer.status_code, garbled.status_code) == (422, 422)
    assert answer.context["form"].problems == [
        "Feature adoption: the worst value must be below the best.",
        "Guard 1: the score is a number from 0 to 100.",
        "Guard 1: needs at least one condition.",
    ]
    assert garbled.context["form"].problems == ["NPS: Enter a number."]
    assert 'value="Why not"' in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.signals, draft.guards) == (live.signals, [])


def test_a_guard_is_removed_and_another_comes_first(client_for: Any, mona: Membership, live: Scorecard) -> None:
    draft = draft_version(scorecard=live, by=mona.user)
    guards = [GUARD | {"text": text} for text in ("One", "Two", "Three")]
    Scorecard.objects.filter(pk=draft.pk).update(guards=guards)
    client = client_for(mona)

    page = client.get(draft.get_absolute_url())
    client.post(draft.get_absolute_url(), posted(page, **{"guard-0-remove": "on", "guard-2-position": "1"}))

    draft.refresh_from_db()
    assert [guard["text"] for guard in draft.guards] == ["Three", "Two"]


def test_readers_read_every_version_and_change_none(client_for: Any, rita: Membership, live: Scorecard) -> None:
    draft = draft_version(scorecard=live, by=None)
    client = client_for(rita)

    pages = [
        client.get(url) for url in (reverse("health:scorecards"), live.get_absolute_url(), draft.get_absolute_url())
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all("New version" not in page.content.decode() for page in pages)
    assert pages[2].context["form"] is None
    assert client.post(draft.get_absolute_url(), {}).status_code == 403


def test_the_customer_360_card_has_drafts_too(client_for: Any, mona: Membership, live: Scorecard) -> None:
    card = live.organization.scorecards.get(key="customer_360")
    draft = draft_version(scorecard=card, by=mona.user)
    client = client_for(mona)

    page = client.get(draft.get_absolute_url())
    saved = client.post(draft.get_absolute_url(), posted(page, **{"csat-max_points": "20"}), follow=True)

    assert saved.context["changes"] == ["Customer satisfaction: weight 6.25 → 20"]


def test_the_api_goes_the_same_way(api_for: Any, mona: Membership, live: Scorecard) -> None:
    api = api_for(mona)
    draft = api.post("/api/scorecards", {"key": "signals"}, format="json")
    url = f"/api/scorecards/{draft.json()['id']}"

    changed = api.patch(url, {"guards": [GUARD], "note": "Renewals first"}, format="json").json()
    refused = api.patch(url, {"guards": [GUARD | {"score": -1}]}, format="json")
    published = api.post(f"{url}/publish").json()
    again = api.post(f"{url}/publish")

    assert (draft.status_code, draft.json()["version"], draft.json()["status"]) == (201, 2, "draft")
    assert (changed["guards"], changed["note"], changed["made_by"]) == ([GUARD], "Renewals first", "Mona")
    assert refused.status_code == 400
    assert refused.json()["errors"] == {"guards": ["Guard 1: the score is a number from 0 to 100."]}
    assert (published["status"], published["is_primary"], published["published_by"]) == ("published", True, "Mona")
    assert api.get(f"/api/jobs/{published['job_id']}").status_code == 200
    assert again.status_code == 409
    listed = api.get("/api/scorecards").json()
    assert [(row["key"], row["version"], row["status"]) for row in listed["data"]] == [
        ("customer_360", 1, "published"),
        ("signals", 2, "published"),
        ("signals", 1, "retired"),
    ]


def test_the_api_discards_makes_primary_and_knows_its_keys(api_for: Any, mona: Membership, live: Scorecard) -> None:
    api = api_for(mona)
    draft = api.post("/api/scorecards", {"key": "signals"}, format="json").json()
    other = live.organization.scorecards.get(key="customer_360")

    assert api.delete(f"/api/scorecards/{draft['id']}").status_code == 204
    assert api.delete(f"/api/scorecards/{live.uuid}").status_code == 409
    assert api.post(f"/api/scorecards/{live.uuid}/primary").json()["job_id"] is None
    unknown = api.post("/api/scorecards", {"key": "weather"}, format="json")
    assert (unknown.status_code, unknown.json()["errors"]) == (
        400,
        {"key": ["There is no such scorecard; there are customer_360, signals."]},
    )
    assert Scorecard.objects.filter(organization=live.organization).count() == 2
    assert not other.is_primary


def test_a_scorecard_for_some_segments(client_for: Any, mona: Membership, live: Scorecard) -> None:
    client = client_for(mona)
    new_url = reverse("health:scorecard_new")
    facts = {"name": "Large accounts", "source": str(live.uuid), "segments": ["Enterprise", "SMB"], "priority": "3"}

    empty = client.post(new_url, {**facts, "name": ""})
    taken = client.post(new_url, {**facts, "name": "Signals"})
    made = client.post(new_url, facts)
    draft = Scorecard.objects.get(name="Large accounts")
    listed = client.get(reverse("health:scorecards")).content.decode()
    page = client.get(draft.get_absolute_url())
    client.post(draft.get_absolute_url(), posted(page, segments=["Enterprise"], priority="2"))
    published = client.post(reverse("health:scorecard_publish", args=[draft.uuid]), follow=True).content.decode()
    shown = client.get(reverse("health:scorecards")).content.decode()

    assert (client.get(new_url).status_code, empty.status_code, taken.status_code) == (200, 422, 422)
    assert "There is a scorecard of this name already." in taken.content.decode()
    assert made["Location"] == draft.get_absolute_url()
    assert "New ones, not published yet" in listed
    assert "for Enterprise, SMB" in listed
    draft.refresh_from_db()
    assert (draft.segments, draft.priority, draft.status) == (["Enterprise"], 2, "published")
    assert "Live, and the health score of accounts in Enterprise" in published
    assert "Make it the health score" not in published
    assert "in the primary scorecard’s stead; priority 2" in shown


def test_the_primary_one_is_asked_for_no_segments(client_for: Any, mona: Membership, live: Scorecard) -> None:
    draft = draft_version(scorecard=live, by=mona.user)
    client = client_for(mona)
    page = client.get(draft.get_absolute_url())

    forged = client.post(draft.get_absolute_url(), posted(page, segments=["SMB"]))

    assert 'name="segments"' not in page.content.decode()
    assert forged.status_code == 422
    assert forged.context["form"].problems == [
        "The primary scorecard is for every account whose segment has none of its own."
    ]


def test_retiring_one_on_its_page(client_for: Any, mona: Membership, rita: Membership, live: Scorecard) -> None:
    card = live.organization.scorecards.get(key="customer_360")
    url = reverse("health:scorecard_retire", args=[card.uuid])

    refused = client_for(rita).post(url)
    done = client_for(mona).post(url, follow=True)
    primary = client_for(mona).post(reverse("health:scorecard_retire", args=[live.uuid]), follow=True)

    card.refresh_from_db()
    assert (refused.status_code, card.status) == (403, "retired")
    assert [str(message) for message in done.context["messages"]] == ["Customer 360 is retired."]
    assert "make another one the health score first" in primary.content.decode()


def test_segments_over_the_api(api_for: Any, mona: Membership, live: Scorecard) -> None:
    api = api_for(mona)

    made = api.post("/api/scorecards", {"key": "signals", "name": "Small ones", "segments": ["SMB"]}, format="json")
    nameless = api.post("/api/scorecards", {"key": "signals", "segments": ["SMB"]}, format="json")
    unknown = api.post("/api/scorecards", {"key": "signals", "name": "X", "segments": ["Huge"]}, format="json")
    url = f"/api/scorecards/{made.json()['id']}"
    changed = api.patch(url, {"segments": ["SMB", "Mid-Market"], "priority": 4}, format="json").json()
    published = api.post(f"{url}/publish").json()
    retired = api.post(f"{url}/retire").json()

    assert (made.status_code, nameless.status_code, unknown.status_code) == (201, 400, 400)
    assert (made.json()["key"], made.json()["kind"], made.json()["segments"]) == ("small-ones", "signals", ["SMB"])
    assert (changed["segments"], changed["priority"]) == (["SMB", "Mid-Market"], 4)
    assert (published["status"], published["is_primary"]) == ("published", False)
    assert (retired["status"], retired["job_id"] is not None) == ("retired", True)
