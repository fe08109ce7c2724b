"""Scoring 100,000 accounts, beside one set-based UPDATE of as many scores that are ready."""

from __future__ import annotations

from django.db.models import F

from accounts.models import Account
from benchmarks.baseline import update, upsert
from benchmarks.importing import METRICS, metric_rows, upsert_accounts
from benchmarks.measuring import line, organization, rate, seconds
from csplatform import bulk
from csplatform.models import Organization
from csplatform.tenancy import organization_scope
from health.models import DailyMetrics

COUNT = 100_000


def fill(owner: Organization, count: int) -> None:
    """So many accounts with one day of metrics each."""
    with organization_scope(owner, write=True):
        upsert_accounts(owner, count)
        upsert(DailyMetrics._meta.db_table, METRICS, metric_rows(owner, days=1), unique=("account_id", "date"))
        bulk.refresh_statistics()


def recompute() -> None:
    """All of them changed, then a tenth, then none."""
    owner, client = organization("ours")
    fill(owner, COUNT)

    def post() -> None:
        answer = client.post("/health/recompute")
        assert answer.status_code == 200, answer.content[:500]
        assert answer.json()["accounts_updated"] == COUNT, answer.json()

    with organization_scope(owner, write=True):
        keys = list(owner.accounts.values_list("pk", flat=True))
        scores = [(key, 50.5) for key in keys]
        best = seconds(lambda: update(Account._meta.db_table, "health_score", scores))
    post()  # the first snapshots, which no later recompute has to write

    change(owner, tenths=10)
    all_changed = seconds(post)
    rate("recompute, 100,000 accounts, all changed", COUNT, baseline=best, ours=all_changed)
    change(owner, tenths=1)
    tenth = seconds(post)
    line(
        "a tenth changed, beside all",
        f"{COUNT / all_changed:,.0f}/s",
        f"{COUNT / tenth:,.0f}/s",
        f"{all_changed / tenth:.1f}x",
    )
    none = seconds(post)
    line(
        "none changed, beside all",
        f"{COUNT / all_changed:,.0f}/s",
        f"{COUNT / none:,.0f}/s",
        f"{all_changed / none:.1f}x",
    )


def change(owner: Organization, *, tenths: int) -> None:
    """Let something be news about so many tenths of the accounts."""
    with organization_scope(owner, write=True):
        rows = owner.daily_metrics.annotate(tenth=F("account__number") % 10).filter(tenth__lt=tenths)
        owner.daily_metrics.filter(pk__in=rows.values("pk")).update(adoption_pct=F("adoption_pct") - 1)
