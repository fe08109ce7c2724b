"""Writing an insight: gather the facts, have them put into words, keep both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Account
from csplatform.jobs import enqueue
from csplatform.models import Organization, User
from csplatform.periods import civil_date, iso_utc
from csplatform.tenancy import organization_scope
from insights.enums import InsightKind, InsightSource
from insights.facts import Facts, as_json
from insights.llm.version import PROMPT_VERSION
from insights.models import Insight
from insights.selectors.account_facts import account_facts
from insights.selectors.portfolio_facts import portfolio_facts
from insights.services.model_use import Wish, model_is_on
from insights.services.wording import Worded, by_rules, put_into_words
from insights.writers.base import Wishes

REWRITE = "rewrite_insight"


def write_portfolio_insight(
    *, organization: Organization, by: User | None, now: datetime, wishes: Wishes, with_model: bool = True
) -> Insight:
    """Say how the portfolio stands, and keep what was said.

    Enters its own scopes: a writer may call out, and no transaction should wait for it.
    """
    wish = _wish(organization, None, by)
    facts, words = _said(wish, wishes, now=now, with_model=with_model)
    return _keep(wish, facts, words, now=now)


def write_account_insight(
    *,
    organization: Organization,
    account: Account,
    by: User | None,
    now: datetime,
    wishes: Wishes,
    with_model: bool = True,
) -> Insight:
    """Say how one account stands and what to do about it, and keep what was said."""
    wish = _wish(organization, account, by)
    facts, words = _said(wish, wishes, now=now, with_model=with_model)
    return _keep(wish, facts, words, now=now)


def write_at_once(
    *, organization: Organization, account: Account | None, by: User, now: datetime, wishes: Wishes
) -> Insight:
    """The rules' words now, for a page that waits for nobody; where the model is on, it is asked behind it."""
    wish = _wish(organization, account, by)
    facts, words = _said(wish, wishes, now=now, with_model=False)
    with organization_scope(organization, write=True, touch=False):
        insight = _keep(wish, facts, words, now=now)
        if model_is_on(organization):
            enqueue(organization, REWRITE, {"insight": insight.pk}, by=by, idempotency_key=str(insight.uuid))
    return insight


def rewrite(*, insight: Insight, now: datetime) -> Insight | None:
    """Have the model say anew what the rules said at once; nothing where it has nothing to say, or has said it."""
    organization, account = insight.organization, insight.account
    with organization_scope(organization, write=False):
        if Insight.objects.filter(follows=insight).exists():
            return None
    wish = _wish(organization, account, insight.by)
    facts, words = _said(wish, Wishes(), now=now, with_model=True)
    if words.source != InsightSource.LLM:
        return None
    return _keep(wish, facts, words, now=now, follows=insight)


def is_being_rewritten(insight: Insight) -> bool:
    """Whether the model is still to say its own."""
    jobs = insight.organization.jobs.filter(kind=REWRITE, idempotency_key=str(insight.uuid))
    return jobs.filter(status__in=("queued", "running")).exists()


def _wish(organization: Organization, account: Account | None, by: User | None) -> Wish:
    kind = InsightKind.PORTFOLIO if account is None else InsightKind.ACCOUNT
    return Wish(organization=organization, kind=kind, account=account, by=by, prompt_version=PROMPT_VERSION)


def _said(wish: Wish, wishes: Wishes, *, now: datetime, with_model: bool) -> tuple[Facts, Worded]:
    today = civil_date(now, wish.organization)
    facts: Facts
    with organization_scope(wish.organization, write=False):
        if wish.account is None:
            facts = portfolio_facts(wish.organization, today=today)
        else:
            facts = account_facts(wish.organization, wish.account, today=today)
    return facts, put_into_words(wish, facts, wishes) if with_model else by_rules(facts, wishes)


def _keep(wish: Wish, facts: Facts, words: Worded, *, now: datetime, follows: Insight | None = None) -> Insight:
    """Nothing a dashboard shows has changed, so the data version stays."""
    head = {"account_id": wish.account.number, "account_name": wish.account.name} if wish.account else {}
    body = head | words.texts | {"generated_at": iso_utc(now), "source": words.source.value}
    with organization_scope(wish.organization, write=True, touch=False), transaction.atomic():
        return Insight.objects.create(
            organization=wish.organization,
            kind=wish.kind,
            account=wish.account,
            source=words.source,
            facts=as_json(facts),
            body=body,
            facts_key=words.facts_key,
            rests_on=words.rests_on,
            follows=follows,
            created_at=now,
            by=wish.by,
        )
