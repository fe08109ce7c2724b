"""What the account-management dashboard and Today show, in SQL as somebody who knows the tables would write it: one
statement a figure or a list, no model, no object, nothing put into words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from csplatform.models import Organization
from csplatform.periods import last_months, today

OPEN = "a.organization_id = %(org)s AND a.archived_at IS NULL AND a.status <> 'churned'"
OURS = "account_id IN (SELECT a.id FROM accounts_account a WHERE " + OPEN + ")"
CLOSINGS = ", ".join(f"SUM(CASE WHEN date <= %(month_{at})s THEN amount ELSE 0 END)" for at in range(6))
NEWEST_NPS = (
    "(SELECT m.nps FROM health_dailymetrics m WHERE m.account_id = a.id AND m.nps IS NOT NULL "
    "ORDER BY m.date DESC LIMIT 1)"
)
FACTORS = (
    "(SELECT s.factors FROM health_healthsnapshot s WHERE s.account_id = a.id AND s.is_primary "
    "ORDER BY s.date DESC LIMIT 1)"
)

DASHBOARD = (
    f"SELECT CASE WHEN health_score >= 80 THEN 1 WHEN health_score >= 60 THEN 2 WHEN health_score >= 40 THEN 3 "
    f"ELSE 4 END, COUNT(*), SUM(health_score * arr), SUM(arr) FROM accounts_account a WHERE {OPEN} GROUP BY 1",
    f"SELECT a.*, {FACTORS} FROM accounts_account a WHERE {OPEN} AND a.health_score < 60 "
    f"ORDER BY a.arr * a.churn_risk_score DESC LIMIT 50",
    f"SELECT a.* FROM accounts_account a WHERE {OPEN} ORDER BY a.arr DESC LIMIT 50",
    f"SELECT {CLOSINGS} FROM billing_mrrmovement WHERE organization_id = %(org)s",
    "SELECT kind, SUM(amount) FROM billing_mrrmovement WHERE organization_id = %(org)s AND date > %(thirty)s "
    "GROUP BY 1",
    "SELECT SUM(amount) FROM billing_mrrmovement WHERE organization_id = %(org)s AND date > %(ninety)s "
    "AND kind = 'churn'",
    # Collected: what each subscription comes to, and which part of its invoices has been paid.
    "SELECT s.id, s.interval, SUM(i.quantity * i.unit_price - i.discount) FROM billing_subscriptionitem i "
    "JOIN billing_subscription s ON s.id = i.subscription_id WHERE s.organization_id = %(org)s GROUP BY 1, 2",
    "SELECT i.subscription_id, i.period_start, i.total_inr, i.settled_inr FROM billing_invoice i "
    "WHERE i.organization_id = %(org)s AND i.state = 'issued' AND i.subscription_id IS NOT NULL "
    "AND i.period_start > %(year)s",
    f"SELECT priority, COUNT(*), SUM(CASE WHEN is_escalated THEN 1 ELSE 0 END) FROM accounts_supportticket "
    f"WHERE status IN ('open', 'pending') AND {OURS} GROUP BY 1",
    f"SELECT AVG(csat), COUNT(*) FROM accounts_supportticket WHERE resolved_at >= %(month)s AND {OURS}",
    f"SELECT t.* FROM accounts_supportticket t WHERE t.status IN ('open', 'pending') AND t.{OURS} "
    f"ORDER BY CASE t.priority WHEN 'critical' THEN 0 WHEN 'high' THEN 1 ELSE 2 END, t.opened_at LIMIT 10",
    f"SELECT f.*, c.name FROM accounts_followup f JOIN accounts_account c ON c.id = f.account_id "
    f"WHERE f.completed_at IS NULL AND f.{OURS} ORDER BY COALESCE(f.snoozed_until, f.due_at) LIMIT 50",
    "SELECT r.*, c.* FROM billing_renewal r JOIN accounts_account c ON c.id = r.account_id "
    "WHERE r.organization_id = %(org)s AND r.due_on BETWEEN %(day)s AND %(quarter)s ORDER BY r.due_on LIMIT 50",
    "SELECT v.* FROM accounts_activity v WHERE v.organization_id = %(org)s ORDER BY v.occurred_at DESC LIMIT 20",
    "SELECT status, COUNT(*), SUM(potential_mrr) FROM accounts_referral WHERE organization_id = %(org)s GROUP BY 1",
    "SELECT r.* FROM accounts_referral r WHERE r.organization_id = %(org)s ORDER BY r.opened_on DESC LIMIT 50",
    "SELECT COUNT(*) FROM accounts_testimonial WHERE organization_id = %(org)s "
    "AND status IN ('approved', 'published')",
    f"SELECT a.id, a.health_score, {NEWEST_NPS} FROM accounts_account a WHERE {OPEN}",
    f"SELECT product_id, COUNT(DISTINCT account_id) FROM accounts_accountproduct WHERE organization_id = %(org)s "
    f"AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on >= %(day)s) AND {OURS} GROUP BY 1",
    f"SELECT account_id, product_id, active_users, usage, plan FROM accounts_productusage "
    f"WHERE organization_id = %(org)s AND used_on > %(thirty)s AND {OURS}",
)
TODAY = (
    f"SELECT a.id, a.name_key, a.arr, a.churn_risk_score, a.health_score FROM accounts_account a WHERE {OPEN}",
    f"SELECT account_id, task_type, COALESCE(snoozed_until, due_at) FROM accounts_followup "
    f"WHERE completed_at IS NULL AND COALESCE(snoozed_until, due_at) <= %(week)s AND {OURS}",
    f"SELECT account_id, opened_at FROM accounts_supportticket WHERE status IN ('open', 'pending') "
    f"AND (priority = 'critical' OR is_escalated) AND {OURS}",
    f"SELECT account_id, due_on FROM billing_renewal WHERE status IN ('not_started', 'in_process', 'prepared_lost') "
    f"AND due_on <= %(quarter)s AND {OURS}",
    f"SELECT account_id, COUNT(*), MIN(due_date) FROM billing_invoice WHERE organization_id = %(org)s "
    f"AND state = 'issued' AND settled < total AND due_date < %(thirty)s AND {OURS} GROUP BY 1",
    f"SELECT a.id, (SELECT MAX(COALESCE(e.completed_at, e.created_at)) FROM accounts_engagement e "
    f"WHERE e.account_id = a.id AND e.cancelled_at IS NULL) FROM accounts_account a WHERE {OPEN}",
    f"SELECT a.id, a.health_score - (SELECT m.health_score FROM health_dailymetrics m WHERE m.account_id = a.id "
    f"AND m.health_score IS NOT NULL AND m.date <= %(last_week)s ORDER BY m.date DESC LIMIT 1) "
    f"FROM accounts_account a WHERE {OPEN}",
    f"SELECT a.id, (SELECT s.band FROM health_healthsnapshot s WHERE s.account_id = a.id AND s.is_primary "
    f"AND s.date < %(yesterday)s ORDER BY s.date DESC LIMIT 1) FROM accounts_account a WHERE {OPEN}",
)


def by_hand(owner: Organization, statements: tuple[str, ...]) -> list[list[Any]]:
    """Run them all, and fetch what they find."""
    day, now = today(owner), datetime.now(UTC)
    parameters = {
        "org": owner.pk,
        "day": day,
        "yesterday": day - timedelta(days=1),
        "last_week": day - timedelta(days=7),
        "thirty": day - timedelta(days=30),
        "ninety": day - timedelta(days=90),
        "year": day - timedelta(days=365),
        "quarter": day + timedelta(days=90),
        "month": now.replace(day=1),
        "week": now + timedelta(days=7),
        **{f"month_{at}": month.end for at, month in enumerate(last_months(day, 6))},
    }
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)
            found.append(cursor.fetchall())
    return found
