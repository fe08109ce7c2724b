"""Writing an insight: gather the facts, have them put into words, keep both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from accounts.models import Account
from csplatform.models import Organization, User
from csplatform.periods import civil_date, iso_utc
from csplatform.tenancy import organization_scope
from insights.enums import InsightKind
from insights.facts import Facts, as_json
from insights.models import Insight
from insights.selectors.account_facts import account_facts
from insights.selectors.portfolio_facts import portfolio_facts
from insights.writers import default_writer
from insights.writers.base import Wishes, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an insight is about."""

    kind: InsightKind
    account: Account | None = None


def write_portfolio_insight(
    *, organization: Organization, by: User, now: datetime, wishes: Wishes, writer: Writer | None = None
) -> Insight:
    """Say how the portfolio stands, and keep what was said.

    Enters its own scopes: a writer may call out, and no transaction should wait for it.
    """
    writer = writer or default_writer()
    with organization_scope(organization, write=False):
        facts = portfolio_facts(organization, today=civil_date(now, organization))
    text = writer.write_portfolio(facts, wishes)
    body = asdict(text) | {"generated_at": iso_utc(now), "source": writer.source.value}
    return _keep(organization, Subject(kind=InsightKind.PORTFOLIO), writer, facts, body, by=by, now=now)


def write_account_insight(
    *,
    organization: Organization,
    account: Account,
    by: User,
    now: datetime,
    wishes: Wishes,
    writer: Writer | None = None,
) -> Insight:
    """Say how one account stands and what to do about it, and keep what was said."""
    writer = writer or default_writer()
    with organization_scope(organization, write=False):
        facts = account_facts(organization, account, today=civil_date(now, organization))
    text = writer.write_account(facts, wishes)
    body = {"account_id": account.number, "account_name": account.name} | asdict(text)
    body |= {"generated_at": iso_utc(now), "source": writer.source.value}
    subject = Subject(kind=InsightKind.ACCOUNT, account=account)
    return _keep(organization, subject, writer, facts, body, by=by, now=now)


def _keep(
    organization: Organization,
    subject: Subject,
    writer: Writer,
    facts: Facts,
    body: dict[str, object],
    *,
    by: User,
    now: datetime,
) -> Insight:
    """Nothing a dashboard shows has changed, so the data version stays."""
    with organization_scope(organization, write=True, touch=False):
        return Insight.objects.create(
            organization=organization,
            kind=subject.kind,
            account=subject.account,
            source=writer.source,
            facts=as_json(facts),
            body=body,
            created_at=now,
            by=by,
        )
