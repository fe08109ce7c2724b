"""What the billing dashboard shows, in SQL as somebody who knows the tables would write it: one statement a figure or
a list, no model, no object, nothing put into words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from csplatform.models import Organization
from csplatform.periods import add_months, month_start, today

STANDING = "i.organization_id = %(org)s AND i.state = 'issued' AND i.issue_date <= %(day)s"
"""No invoice of the benchmark is void."""
IN_WINDOW = f"{STANDING} AND i.issue_date >= %(start)s"
ENTRIES = "a.organization_id = %(org)s AND a.date BETWEEN %(start)s AND %(day)s"
LATER = (
    "COALESCE((SELECT SUM(e.amount_inr) FROM billing_allocation e WHERE e.invoice_id = i.id AND e.date > %(day)s), 0)"
)
LAST_ENTRY = "(SELECT MAX(e.date) FROM billing_allocation e WHERE e.invoice_id = i.id AND e.date <= %(day)s)"
UNSETTLED = f"{STANDING} AND OPEN"
NOW, THEN = "i.total_inr - i.settled_inr", f"i.total_inr - i.settled_inr + {LATER}"
"""What is owed of an invoice today, and what was owed on an earlier day."""

FIGURES = (
    f"SELECT i.section, COUNT(*), SUM(i.taxable_inr), SUM(i.cgst_inr + i.sgst_inr + i.igst_inr) "
    f"FROM billing_invoice i WHERE {IN_WINDOW} GROUP BY 1",
    "SELECT SUM(i.taxable_inr) FROM billing_invoice i WHERE i.organization_id = %(org)s AND i.state = 'issued' "
    "AND i.issue_date BETWEEN %(before)s AND %(opening)s",
    f"SELECT a.kind, SUM(a.value_inr), SUM(a.amount_inr) FROM billing_allocation a WHERE {ENTRIES} GROUP BY 1",
    "SELECT i.section, SUM(c.taxable_inr), SUM(c.cgst_inr + c.sgst_inr + c.igst_inr) FROM billing_creditnote c "
    "JOIN billing_invoice i ON i.id = c.invoice_id WHERE c.organization_id = %(org)s AND c.is_gst "
    "AND c.date BETWEEN %(start)s AND %(day)s GROUP BY 1",
    "SELECT r.reason, COUNT(*), SUM(r.value_inr) FROM billing_refund r WHERE r.organization_id = %(org)s "
    "AND r.date BETWEEN %(start)s AND %(day)s AND r.status IN ('completed', 'processing') GROUP BY 1",
    f"SELECT a.date, i.issue_date, SUM(a.amount_inr) FROM billing_allocation a "
    f"JOIN billing_invoice i ON i.id = a.invoice_id WHERE {ENTRIES} AND a.kind = 'payment' AND a.amount > 0 "
    f"GROUP BY 1, 2",
    f"SELECT i.due_date, COUNT(*), SUM(OWED) FROM billing_invoice i WHERE {UNSETTLED} AND OWED > 0 GROUP BY 1",
    f"SELECT COUNT(DISTINCT i.account_id) FROM billing_invoice i WHERE {UNSETTLED} AND OWED > 0",
    f"SELECT i.issue_date, SUM(i.taxable_inr) FROM billing_invoice i WHERE {STANDING} "
    f"AND i.issue_date >= %(months)s GROUP BY 1",
    "SELECT i.issue_date, a.kind, SUM(a.value_inr) FROM billing_allocation a JOIN billing_invoice i "
    "ON i.id = a.invoice_id WHERE a.organization_id = %(org)s AND a.date BETWEEN %(months)s AND %(day)s "
    "AND i.issue_date >= %(months)s GROUP BY 1, 2",
    f"SELECT a.date, a.kind, SUM(a.amount_inr) FROM billing_allocation a WHERE {ENTRIES} GROUP BY 1, 2",
    f"SELECT i.due_date, SUM(i.total_inr) FROM billing_invoice i WHERE {STANDING} AND i.due_date < %(day)s "
    f"AND (i.settled_on IS NULL OR i.settled_on > %(start)s) GROUP BY 1",
    f"SELECT i.due_date, a.date, SUM(a.amount_inr) FROM billing_invoice i JOIN billing_allocation a "
    f"ON a.invoice_id = i.id AND a.date <= %(day)s WHERE {STANDING} AND i.due_date < %(day)s "
    f"AND (i.settled_on IS NULL OR i.settled_on > %(start)s) GROUP BY 1, 2",
    f"SELECT p.billing_label, SUM(l.taxable_inr) FROM billing_invoice i JOIN billing_invoiceline l "
    f"ON l.invoice_id = i.id JOIN accounts_product p ON p.id = l.product_id WHERE {IN_WINDOW} GROUP BY 1",
    f"SELECT p.billing_label, SUM(a.value_inr * l.taxable_inr / i.taxable_inr) FROM billing_allocation a "
    f"JOIN billing_invoice i ON i.id = a.invoice_id JOIN billing_invoiceline l ON l.invoice_id = i.id "
    f"JOIN accounts_product p ON p.id = l.product_id WHERE {ENTRIES} AND a.kind = 'payment' GROUP BY 1",
    f"SELECT i.*, c.* FROM billing_invoice i JOIN accounts_account c ON c.id = i.account_id WHERE {UNSETTLED} "
    f"AND OWED > 0 AND i.due_date < %(day)s ORDER BY i.due_date, i.issue_date, i.number LIMIT 50",
    "SELECT r.*, c.* FROM billing_refund r JOIN accounts_account c ON c.id = r.account_id "
    "WHERE r.organization_id = %(org)s AND r.date BETWEEN %(start)s AND %(day)s "
    "ORDER BY r.date DESC, r.number DESC LIMIT 50",
    f"SELECT i.*, c.* FROM billing_invoice i JOIN accounts_account c ON c.id = i.account_id WHERE {IN_WINDOW} "
    f"ORDER BY i.issue_date DESC, i.number DESC LIMIT 50",
    # Customers: MRR, what is overdue, how late they pay, their refunds; those who need a look.
    "SELECT account_id, SUM(amount) FROM billing_mrrmovement WHERE organization_id = %(org)s AND date <= %(day)s "
    "GROUP BY 1",
    f"SELECT i.account_id, COUNT(*), SUM(OWED), MIN(i.due_date) FROM billing_invoice i WHERE {UNSETTLED} "
    f"AND OWED > 0 AND i.due_date < %(day)s GROUP BY 1",
    f"SELECT i.account_id, SUM(OWED) FROM billing_invoice i WHERE {UNSETTLED} AND OWED > 0 GROUP BY 1",
    f"SELECT i.account_id, AVG(CASE WHEN SETTLED > i.due_date THEN DAYS ELSE 0 END) FROM billing_invoice i "
    f"WHERE {STANDING} AND i.due_date BETWEEN %(year)s AND %(day)s GROUP BY 1",
    "SELECT r.account_id, COUNT(*) FROM billing_refund r WHERE r.organization_id = %(org)s "
    "AND r.date BETWEEN %(quarter)s AND %(day)s GROUP BY 1",
    "SELECT c.* FROM accounts_account c WHERE c.organization_id = %(org)s AND c.health_score IS NOT NULL "
    "ORDER BY c.health_score LIMIT 50",
    # The team.
    f"SELECT i.owner_id, COUNT(*), SUM(i.taxable_inr) FROM billing_invoice i WHERE {IN_WINDOW} GROUP BY 1",
    f"SELECT i.owner_id, SUM(a.value_inr) FROM billing_allocation a JOIN billing_invoice i "
    f"ON i.id = a.invoice_id WHERE {ENTRIES} AND a.kind = 'payment' GROUP BY 1",
    f"SELECT i.owner_id, COUNT(*) FROM billing_invoice i WHERE {STANDING} "
    f"AND i.settled_on BETWEEN %(start)s AND %(day)s GROUP BY 1",
    "SELECT sent_by_id, COUNT(*) FROM billing_reminder WHERE organization_id = %(org)s "
    "AND sent_on BETWEEN %(start)s AND %(day)s GROUP BY 1",
    "SELECT processed_by_id, COUNT(*) FROM billing_refund WHERE organization_id = %(org)s "
    "AND decided_on BETWEEN %(start)s AND %(day)s GROUP BY 1",
    f"SELECT i.owner_id, COUNT(*) FROM billing_invoice i WHERE {IN_WINDOW} AND EXISTS (SELECT 1 FROM "
    f"billing_creditnote c WHERE c.invoice_id = i.id AND c.reason = 'billing_error' AND c.date <= %(day)s) "
    f"GROUP BY 1",
    # Alerts: what falls due, what the return of last month lacks, who asks much back.
    f"SELECT COUNT(DISTINCT i.account_id), SUM(OWED) FROM billing_invoice i WHERE {UNSETTLED} AND OWED > 0 "
    f"AND i.due_date BETWEEN %(day)s AND %(week)s",
    "SELECT COUNT(*) FROM billing_invoice i WHERE i.organization_id = %(org)s AND i.state = 'issued' "
    "AND i.issue_date BETWEEN %(last_month)s AND %(month_end)s AND i.reconciled_at IS NULL",
    "SELECT r.account_id, COUNT(*), SUM(r.amount_inr) FROM billing_refund r WHERE r.organization_id = %(org)s "
    "AND r.date BETWEEN %(month)s AND %(day)s GROUP BY 1 HAVING COUNT(*) >= 3",
)


def figures_by_hand(owner: Organization, *, days: int, day: date) -> list[list[Any]]:
    """Run them all, and fetch what they find."""
    start, month = day - timedelta(days=days - 1), month_start(day)
    parameters = {
        "org": owner.pk,
        "day": day,
        "start": start,
        "opening": start - timedelta(days=1),
        "before": start - timedelta(days=days),
        "months": add_months(month, -5),
        "year": day - timedelta(days=364),
        "quarter": day - timedelta(days=89),
        "week": day + timedelta(days=6),
        "month": month,
        "last_month": add_months(month, -1),
        "month_end": month - timedelta(days=1),
    }
    is_today = day >= today(owner)
    settled = f"COALESCE({'i.settled_on' if is_today else LAST_ENTRY}, %(day)s)"
    late = f"{settled} - i.due_date"
    if connection.vendor == "sqlite":
        late = f"julianday({settled}) - julianday(i.due_date)"
    found = []
    with connection.cursor() as cursor:
        for statement in FIGURES:
            owed = f"({NOW if is_today else THEN})"
            still = "i.settled_on IS NULL" if is_today else "(i.settled_on IS NULL OR i.settled_on > %(day)s)"
            text = statement.replace("OWED", owed).replace("AND OPEN", f"AND {still}")
            text = text.replace("SETTLED", settled).replace("DAYS", late)
            cursor.execute(text, parameters)
            found.append(cursor.fetchall())
    return found
