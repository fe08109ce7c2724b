"""Insights' background work."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from csplatform.jobs import JobRun, job_handler, periodic

MOST_ACCOUNTS_A_NIGHT = 30


@job_handler("rewrite_insight")
def rewrite_insight(run: JobRun) -> None:
    """Ask the model to say anew what the rules said at once; payload: insight (its key).

    A second run finds it said."""
    from csplatform.tenancy import organization_scope
    from insights.services.insight import rewrite

    with organization_scope(run.organization, write=False):
        insights = run.organization.insights.select_related("organization", "account", "by")
        insight = insights.filter(pk=run.payload["insight"]).first()
    written = rewrite(insight=insight, now=timezone.now()) if insight else None
    run.finish({"written": written is not None})


@job_handler("nightly_insights")
def nightly_insights(run: JobRun) -> None:
    """What the model makes of the portfolio, and of the accounts whose band changed, once a night within the budget.

    A killed run begins anew; what is written already is answered from what was kept."""
    from csplatform.periods import civil_date
    from csplatform.tenancy import organization_scope
    from insights.selectors.band_changes import accounts_with_new_band
    from insights.services.insight import write_account_insight, write_portfolio_insight
    from insights.services.model_use import model_is_on
    from insights.writers.base import Wishes

    organization, now = run.organization, timezone.now()
    with organization_scope(organization, write=False):
        if not model_is_on(organization):
            run.finish({"written": 0})
            return
        changed = list(
            accounts_with_new_band(organization, since=civil_date(now, organization) - timedelta(days=1))[
                :MOST_ACCOUNTS_A_NIGHT
            ]
        )
    write_portfolio_insight(organization=organization, by=None, now=now, wishes=Wishes())
    for done, account in enumerate(changed, start=1):
        run.progress(done=done, total=len(changed), message="Writing about accounts whose band changed")
        run.check()
        write_account_insight(organization=organization, account=account, by=None, now=now, wishes=Wishes())
    run.finish({"written": 1 + len(changed)})


periodic("nightly_insights", hour=5)
