"""Every route there is and will be: who gets in, who may write, and that other organisations do not exist.

A new route with an id in its path fails here until `SAMPLES` knows an object for it; a new unsafe method fails until
its view says which permission it asks for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from billing.models import CreditNote, Invoice, Payment, Refund, WriteOff
from csplatform.enums import Role
from csplatform.models import Invitation, Membership
from csplatform.permissions import Action, can
from insights.services.shared_plan import share_plan
from tests.factories.accounts import AccountFactory, ContactFactory, CustomFieldFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.billing import RenewalFactory, SubscriptionFactory
from tests.factories.csplatform import ApiKeyFactory, JobFactory, TeamFactory
from tests.factories.documents import draft
from tests.factories.engagements import AttachmentFactory, CommitmentFactory, EngagementFactory, FollowUpFactory
from tests.factories.goals import GoalFactory
from tests.factories.health import AlertFactory
from tests.factories.playbooks import PlaybookFactory, RuleFactory, RunFactory
from tests.factories.products import ProductFactory
from tests.factories.tickets import TicketFactory
from tests.sweeps.routes import PUBLIC, Route, our_routes

pytestmark = pytest.mark.django_db

ROUTES = our_routes()
PRIVATE = [route for route in ROUTES if route.path not in PUBLIC]
WITH_IDS = [route for route in PRIVATE if route.parameters]
CANARY = "Canaryfish"
OPEN_TO_VIEWERS = {Action.READ, Action.OWN_SETTINGS, Action.OWN_KEYS}
ClientFor = Callable[[Membership], Client]
ApiFor = Callable[..., APIClient]


def samples(member: Membership) -> dict[str, Mapping[str, Any]]:
    """An object of the member's organisation for each kind of path, by the longest prefix that fits."""
    organization = member.organization
    account = AccountFactory(organization=organization, name=f"{CANARY} Ltd", owner=member.user)
    playbook = PlaybookFactory(organization=organization, title=CANARY)
    invitation = Invitation.objects.create(
        organization=organization,
        email=f"{CANARY.lower()}@example.com",
        token_hash=uuid.uuid4().hex,
        expires_at="2099-01-01T00:00Z",
    )
    file_import = organization.imports.create(
        kind="metrics",
        job=JobFactory(organization=organization),
        upload=organization.uploads.create(filename=f"{CANARY}.csv"),
        today=date(2026, 11, 20),
    )
    insight = organization.insights.create(kind="portfolio", source="rules", facts={}, body={"summary": CANARY})
    alias = account.aliases.create(
        organization=organization, kind="name", key=CANARY.lower(), text=CANARY, origin="rename"
    )
    goal = GoalFactory(account=account, title=CANARY)
    milestone = goal.milestones.create(organization=organization, title=CANARY)
    referral = ReferralFactory(account=account, referred_company=CANARY)
    quote = QuoteFactory(account=account, quote=CANARY)
    ticket = TicketFactory(account=account, subject=CANARY)
    subscription = SubscriptionFactory(account=account)
    invoice = draft(account, "1000", notes=CANARY)
    billing_run = organization.billing_runs.create(
        job=JobFactory(organization=organization), starts_on="2026-11-01", ends_on="2026-11-30", by=member.user
    )
    payment = organization.payments.create(account=account, amount=1, received_on=date(2026, 11, 1))
    renewal = RenewalFactory(account=account)
    engagement = EngagementFactory(account=account, title=CANARY, scheduled_at="2026-11-20T10:00Z", completed_at=None)
    commitment = CommitmentFactory(engagement=engagement, what=CANARY)
    follow_up = FollowUpFactory(account=account, task_type=CANARY, engagement=engagement)
    view = member.saved_views.create(organization=organization, page="accounts", name=CANARY)
    bulk = organization.bulk_changes.create(
        action="archive", job=JobFactory(organization=organization), by=member.user
    )
    news = member.notifications.create(organization=organization, kind="job_finished", title=CANARY)
    everything = organization.full_exports.create(
        job=JobFactory(organization=organization),
        upload=organization.uploads.create(filename=f"{CANARY}.zip"),
        expires_at="2099-01-01T00:00Z",
    )
    alert = AlertFactory(account=account, title=CANARY)
    rule = RuleFactory(organization=organization, name=CANARY)
    run = RunFactory(account=account, title=CANARY)
    run.steps.create(organization=organization, n=1, title=CANARY, day=1, due_on=date(2026, 11, 20))
    scorecard = organization.scorecards.create(key="canary", name=CANARY, signals=[], status="published")
    lab_run = organization.lab_runs.create(job=JobFactory(organization=organization), scorecard=scorecard)
    webhook = organization.webhooks.create(url=f"https://{CANARY.lower()}.example.com", sealed_secret="x")
    delivery = webhook.deliveries.create(organization=organization, event="webhook.test", body=CANARY)
    of_webhook = {"uuid": webhook.uuid, "delivery": delivery.uuid}
    of_account = {"key": account.number, "number": account.number, "uuid": account.uuid, "alias_id": alias.pk}
    contact = ContactFactory(account=account, name=f"{CANARY} Contact")
    plan, _ = share_plan(account=account, by=member.user, now=timezone.now())
    of_account |= {"contact_uuid": contact.uuid, "fact": "region", "plan_uuid": plan.uuid}
    return {
        "accounts/": of_account,
        "insights/account/": of_account,
        "api/accounts/": of_account,
        "api/contacts/": {"uuid": contact.uuid},
        "api/goals/": {"uuid": goal.uuid},
        "api/alerts/": {"uuid": alert.uuid},
        "api/health/lab/": {"uuid": lab_run.uuid},
        "dashboard/health/lab/": {"uuid": lab_run.uuid},
        "api/scorecards/": {"uuid": scorecard.uuid},
        "dashboard/health/scorecards/": {"uuid": scorecard.uuid},
        "api/webhooks/": of_webhook,
        "dashboard/settings/webhooks/": of_webhook,
        "dashboard/alerts/": {"uuid": alert.uuid},
        "api/automation/rules/": {"uuid": rule.uuid},
        "dashboard/automation/": {"uuid": rule.uuid},
        "api/playbook-runs/": {"uuid": run.uuid, "n": 1},
        "api/playbooks/": {"uuid": playbook.uuid},
        "dashboard/playbooks/runs/": {"uuid": run.uuid, "n": 1},
        "api/products/": {"uuid": ProductFactory(organization=organization, name=CANARY).uuid},
        "api/referrals/": {"uuid": referral.uuid},
        "api/testimonials/": {"uuid": quote.uuid},
        "api/tickets/": {"uuid": ticket.uuid},
        "api/engagements/": {"uuid": engagement.uuid},
        "api/follow-ups/": {"uuid": follow_up.uuid},
        "api/invoices/": {"uuid": invoice.uuid},
        "api/invoices/bulk-issue/": {"uuid": billing_run.uuid},
        "api/payments/": {"uuid": payment.uuid},
        "api/refunds/": {"uuid": _refund(payment).uuid},
        "api/write-offs/": {"uuid": _write_off(invoice).uuid},
        "api/subscriptions/": {"uuid": subscription.uuid},
        "api/renewals/": {"uuid": renewal.uuid},
        "dashboard/billing/invoices/": {"uuid": invoice.uuid},
        "dashboard/billing/runs/": {"uuid": billing_run.uuid},
        "dashboard/billing/payments/": {"uuid": payment.uuid},
        "api/credit-notes/": {"uuid": _credit_note(invoice).uuid},
        "dashboard/billing/credit-notes/": {"uuid": _credit_note(invoice).uuid},
        "api/billing/alerts/": {"key": f"large-overdue:{account.uuid}"},
        "dashboard/billing/alerts/": {"key": f"large-overdue:{account.uuid}"},
        "dashboard/billing/reminders/": {"uuid": JobFactory(organization=organization, kind="send_reminders").uuid},
        "dashboard/billing/refunds/": {"uuid": _refund(payment).uuid},
        "dashboard/billing/write-offs/": {"uuid": _write_off(invoice).uuid},
        "dashboard/billing/subscriptions/": {"uuid": subscription.uuid},
        "dashboard/billing/renewals/": {"uuid": renewal.uuid},
        "api/jobs/": {"job_id": JobFactory(organization=organization).uuid},
        "api/imports/": {"uuid": file_import.uuid, "import_id": file_import.uuid},
        "dashboard/accounts/": of_account,
        "dashboard/files/": {"uuid": AttachmentFactory(account=account, upload__filename=f"{CANARY}.txt").uuid},
        "dashboard/engagements/": {"uuid": engagement.uuid},
        "dashboard/commitments/": {"uuid": commitment.uuid},
        "dashboard/follow-ups/": {"uuid": follow_up.uuid},
        "dashboard/renewals/": {"uuid": renewal.uuid},
        "dashboard/tickets/": {"uuid": ticket.uuid},
        "dashboard/today/accounts/": of_account,
        "dashboard/today/follow-ups/": {"uuid": follow_up.uuid},
        "dashboard/goals/": {"uuid": goal.uuid, "milestone": milestone.uuid},
        "dashboard/advocacy/referrals/": {"uuid": referral.uuid},
        "dashboard/advocacy/testimonials/": {"uuid": quote.uuid},
        "dashboard/accounts/bulk/": {"uuid": bulk.uuid},
        "dashboard/notifications/": {"uuid": news.uuid},
        "dashboard/settings/data/exports/": {"uuid": everything.uuid},
        "dashboard/views/": {"uuid": view.uuid},
        "api/saved-views/": {"uuid": view.uuid},
        "dashboard/insights/": {"uuid": insight.uuid},
        "dashboard/imports/": {"uuid": file_import.uuid, "import_id": file_import.uuid},
        "dashboard/playbooks/": {"number": playbook.number, "uuid": playbook.uuid},
        "dashboard/settings/products/": {"uuid": ProductFactory(organization=organization, name=f"{CANARY} 2").uuid},
        "dashboard/settings/custom-fields/": {
            "uuid": CustomFieldFactory(organization=organization, name=CANARY).uuid
        },
        "dashboard/settings/members/": {"uuid": member.uuid},
        "dashboard/settings/invitations/": {"uuid": invitation.uuid},
        "dashboard/settings/teams/": {"uuid": TeamFactory(organization=organization, name=CANARY).uuid},
        "dashboard/settings/api-keys/": {"uuid": ApiKeyFactory(membership=member, name=CANARY).uuid},
    }


def _refund(payment: Payment) -> Refund:
    return payment.refunds.create(
        organization=payment.organization,
        account=payment.account,
        number=f"{CANARY[:6]}-{payment.refunds.count()}",
        amount=1,
        amount_inr=1,
        date=date(2026, 11, 1),
    )


def _credit_note(invoice: Invoice) -> CreditNote:
    return invoice.credit_notes.create(
        organization=invoice.organization,
        account=invoice.account,
        number=f"{CANARY[:6]}-{invoice.credit_notes.count()}",
        financial_year="2026-27",
        date=date(2026, 11, 1),
        reason="other",
        section="CDNR",
    )


def _write_off(invoice: Invoice) -> WriteOff:
    return invoice.write_offs.create(
        organization=invoice.organization, amount=1, date=date(2026, 11, 1), reason=CANARY
    )


def url_of(route: Route, known: Mapping[str, Mapping[str, Any]]) -> str:
    prefix = max((each for each in known if route.path.startswith(each)), key=len, default=None)
    if route.parameters and prefix is None:
        pytest.fail(f"SAMPLES knows no object for {route}; add one.")
    values = known[prefix] if prefix else {}
    missing = [name for name, _ in route.parameters if name not in values]
    if missing:
        pytest.fail(f"SAMPLES knows no {missing} for {route}; add it.")
    return route.url({(name, kind): values[name] for name, kind in route.parameters})


def missing_url(route: Route) -> str:
    nothing = {"int": 999_999, "account_key": 999_999, "uuid": uuid.UUID(int=4), "str": "nothing"}
    return route.url({(name, kind): nothing[kind] for name, kind in route.parameters})


def call(client: Client, method: str, url: str) -> HttpResponse:
    return client.generic(method.upper(), url)


def required(route: Route, method: str) -> Action | None:
    owner = route.view_class or route.view
    by_method: dict[str, Action] = getattr(owner, "write_permissions", {})
    return by_method.get(method.upper()) or getattr(owner, "write_permission", None)


def writes(route: Route) -> list[str]:
    """Unsafe methods that are really answered; a function view that is read-only says so by 405."""
    if route.view_class is None and required(route, "post") is None:
        return []
    return route.unsafe_methods


def test_the_sweep_sees_the_site() -> None:
    paths = {route.path for route in ROUTES}

    assert {"", "accounts", "playbooks", "portfolio/summary", "api/me", "dashboard/settings"} <= paths
    assert len(WITH_IDS) > 10


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_without_a_login_pages_go_to_the_login_and_the_rest_is_401(
    route: Route, client: Client, alice: Membership
) -> None:
    url = url_of(route, samples(alice)) if route.parameters else str(route)

    for method in sorted(route.methods):
        response = call(client, method, url)
        if route.is_page:
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"].startswith("/auth/login/")
        else:
            assert response.status_code == 401, (method, response.status_code)
            assert response.json()["error"] is True


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_every_unsafe_method_says_which_permission_it_asks_for(
    route: Route, alice: Membership, client_for: ClientFor
) -> None:
    if route.view_class is None and required(route, "post") is None:
        url = url_of(route, samples(alice)) if route.parameters else str(route)
        assert call(client_for(alice), "post", url).status_code in {403, 405}
    for method in writes(route):
        assert required(route, method) is not None, method


@pytest.mark.parametrize("route", [route for route in PRIVATE if writes(route)], ids=str)
@pytest.mark.parametrize("role", list(Role))
def test_writing_is_refused_exactly_where_the_table_says_so(
    route: Route, role: Role, alice: Membership, rita: Membership, client_for: ClientFor, api_for: ApiFor
) -> None:
    """Refusals come before the object is looked at, so a made-up id shows them without changing anything."""
    Membership.objects.filter(pk=rita.pk).update(role=role)
    rita.refresh_from_db()
    client = client_for(rita) if route.is_page else api_for(rita)
    url = missing_url(route)

    for method in writes(route):
        action = required(route, method)
        assert action is not None
        if can(rita, action):
            if route.parameters:
                assert call(client, method, url).status_code == 404, method
        else:
            assert call(client, method, url).status_code == 403, method


@pytest.mark.parametrize("route", [route for route in PRIVATE if not route.is_page and writes(route)], ids=str)
def test_a_read_only_key_writes_nothing(route: Route, amir: Membership, api_for: ApiFor) -> None:
    api = api_for(amir, read_only=True)

    for method in writes(route):
        expected = required(route, method) is not Action.READ
        refused = call(api, method, missing_url(route)).status_code == 403
        assert refused is expected, method


@pytest.mark.parametrize("route", WITH_IDS, ids=str)
def test_another_organisations_object_is_as_if_absent(
    route: Route, amir: Membership, mallory: Membership, client_for: ClientFor, api_for: ApiFor
) -> None:
    url = url_of(route, samples(amir))
    client = client_for(mallory) if route.is_page else api_for(mallory)

    for method in sorted(route.methods):
        theirs, missing = call(client, method, url), call(client, method, missing_url(route))
        if theirs.status_code == 405:
            continue
        assert theirs.status_code == missing.status_code == 404, (method, theirs.status_code, missing.status_code)
        assert CANARY not in theirs.content.decode()
        if not route.is_page:
            assert theirs.content == missing.content


@pytest.mark.parametrize("route", [route for route in PRIVATE if not route.parameters], ids=str)
def test_no_list_and_no_page_names_another_organisations_rows(
    route: Route, amir: Membership, mallory: Membership, client_for: ClientFor, api_for: ApiFor
) -> None:
    samples(amir)
    for query in ("", f"?search={CANARY}&q={CANARY}"):
        client = client_for(mallory) if route.is_page else api_for(mallory)

        response = client.get(str(route) + query)

        body = b"".join(response) if response.streaming else response.content
        assert response.status_code < 500
        assert CANARY not in body.decode().replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', "").replace(
            f"search={CANARY}", ""
        )


@pytest.mark.parametrize("route", [route for route in PRIVATE if not route.is_page], ids=str)
def test_every_route_describes_itself(route: Route, amir: Membership, api_for: ApiFor) -> None:
    assert api_for(amir).options(url_of(route, samples(amir))).status_code < 500


def test_the_canary_is_there_to_leak(amir: Membership, client_for: ClientFor, api_for: ApiFor) -> None:
    samples(amir)

    assert CANARY in api_for(amir).get("/accounts").content.decode()
    assert CANARY in client_for(amir).get("/dashboard/settings/teams").content.decode()
