#!/usr/bin/env python3
"""The success-insights reference client: every call it makes to a running server has to answer 200.

    python scripts/smoke_api.py http://127.0.0.1:8000 KEY

`manage.py create_api_key --email admin@demo.example` prints a key. The upload brings five small accounts into the
key's organisation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

HEADER = (
    "account_name,segment,region,arr,date,daily_active_users,feature_adoption_rate,support_tickets_open,"
    "nps_score,login_frequency"
)
ACCOUNTS = (
    ("Smoke Alpha", "Enterprise", "Mumbai", 4_800_000, 180, 0.82, 1, 60, 0.91),
    ("Smoke Beta", "Mid-Market", "Pune", 960_000, 70, 0.61, 3, 35, 0.66),
    ("Smoke Gamma", "SMB", "Chennai", 120_000, 9, 0.21, 7, -30, 0.18),
    ("Smoke Delta", "SMB", "Kolkata", 180_000, 25, 0.47, 2, 10, 0.52),
    ("Smoke Epsilon", "Mid-Market", "Bengaluru", 720_000, 48, 0.38, 5, -5, 0.40),
)

Call = tuple[str, str, str, dict[str, Any], Callable[[Any], str]]


def sample_csv(today: date) -> str:
    """Five accounts with three days each."""
    days = [today - timedelta(days=back) for back in (60, 30, 0)]
    rows = [
        f"{name},{segment},{region},{arr},{day},{users},{adoption},{tickets},{nps},{logins}"
        for name, segment, region, arr, users, adoption, tickets, nps, logins in ACCOUNTS
        for day in days
    ]
    return "\n".join([HEADER, *rows, ""])


def calls() -> Iterator[Call]:
    """Method, path, what it is called, what is sent with it, and what to say of the answer."""
    yield "GET", "/", "health check", {}, lambda it: f"{it['service']} {it['version']} is {it['status']}"
    upload = {"files": {"file": ("smoke.csv", sample_csv(datetime.now(UTC).date()), "text/csv")}}
    yield "POST", "/ingest/csv", "upload", upload, ingested
    yield "GET", "/accounts?page=1&page_size=10", "first accounts", {}, listed
    yield "GET", "/accounts?segment=Enterprise", "by segment", {}, listed
    yield "GET", "/accounts?bucket=At-Risk", "by bucket", {}, listed
    yield "GET", "/accounts/1", "one account", {}, account
    yield "POST", "/health/recompute", "recompute", {}, lambda it: f"{it['accounts_updated']} accounts scored"
    yield "GET", "/portfolio/summary", "summary", {}, summary
    yield "POST", "/insights/portfolio", "portfolio insight", {}, portfolio_insight
    yield "POST", "/insights/account/1", "account insight", {}, account_insight
    yield "GET", "/playbooks", "playbooks", {}, playbooks
    yield "POST", "/actions/recommend?account_id=1", "recommended", {}, recommended


def ingested(it: Any) -> str:
    for problem in it["errors"]:
        print(f"    {problem}")
    return f"{it['accounts_created']} created, {it['accounts_updated']} updated, {it['metrics_created']} metrics"


def listed(it: Any) -> str:
    first = it["accounts"][0] if it["accounts"] else None
    example = f"; {first['account_name']}: {first['health_score']}, {first['health_bucket']}" if first else ""
    return f"{it['total']} accounts{example}"


def account(it: Any) -> str:
    trend = it["trend_30d"]
    moved = f", {trend['health_score_change']:+.1f} in 30 days" if trend else ""
    return f"{it['account_name']}: {it['health_score']} ({it['health_bucket']}), ARR {it['arr']:,.0f}{moved}"


def summary(it: Any) -> str:
    shares = ", ".join(
        f"{name} {share}% ({it['arr_by_bucket'][name]:,.0f})" for name, share in it["risk_breakdown"].items()
    )
    return f"{it['total_accounts']} accounts, ARR {it['total_arr']:,.0f}, average {it['avg_health_score']}; {shares}"


def portfolio_insight(it: Any) -> str:
    return f"{it['summary']} ({len(it['key_findings'])} findings, {len(it['top_risks'])} risks)"


def account_insight(it: Any) -> str:
    for action in it["recommended_actions"]:
        print(f"    {action['priority']}: {action['title']}. {action['description']}")
    return str(it["summary"])


def playbooks(it: Any) -> str:
    return f"{len(it)}: " + ", ".join(f"{each['title']} ({each['category']}, {each['priority']})" for each in it[:2])


def recommended(it: Any) -> str:
    best = [
        f"{each['playbook']['title']} {each['relevance_score']} for {', '.join(each['matching_risk_factors'])}"
        for each in it["recommendations"]
    ]
    return "; ".join(best[:2]) or "nothing fits"


def main() -> int:
    parser = argparse.ArgumentParser(description="Call every route of the success-insights contract once.")
    parser.add_argument("url", help="where the server is, such as http://127.0.0.1:8000")
    parser.add_argument("key", help="an API key that may write")
    arguments = parser.parse_args()

    failed = 0
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {arguments.key}"
        for method, path, name, sent, describe in calls():
            response = session.request(method, arguments.url.rstrip("/") + path, timeout=60, **sent)
            well = response.status_code == requests.codes.ok
            failed += not well
            said = describe(response.json()) if well else response.text[:300]
            print(f"{response.status_code} {response.elapsed.total_seconds():6.3f} s  {name}: {said}")
    print("All calls answered 200." if not failed else f"{failed} calls did not answer 200.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
