"""The columns of the metrics import, and its registration with the engine."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.enums import AccountSize, Segment
from accounts.models.account import MOST_SEATS
from accounts.names import NAME_LENGTH
from csplatform.imports import values
from csplatform.imports.columns import Column, ColumnSet
from csplatform.imports.registry import ImportKind, register
from health.imports.metrics import MetricsLoader
from health.imports.undo import MetricsUndo


def _one_of(choices: Sequence[str]) -> str:
    return f"One of {', '.join(choices)}."


COLUMNS = ColumnSet(
    columns=(
        Column(
            name="account_name",
            takes=f"Text of at most {NAME_LENGTH} characters; case and outer spaces do not matter.",
            stored="accounts.Account.name",
            parse=values.words(NAME_LENGTH),
            aliases=("name", "account", "customer", "customer_name", "company", "company_name", "client_name"),
        ),
        Column(
            name="external_id",
            takes=f"The account's id in your own systems, at most {NAME_LENGTH} characters, exactly as it is there.",
            stored="accounts.Account.external_id",
            parse=values.words(NAME_LENGTH),
            aliases=("account_external_id", "customer_id", "crm_id"),
        ),
        Column(
            name="segment",
            takes=_one_of(Segment.labels),
            stored="accounts.Account.segment",
            parse=values.one_of(dict(Segment.choices)),
            aliases=("account_segment",),
        ),
        Column(
            name="size",
            takes=_one_of(AccountSize.labels),
            stored="accounts.Account.size",
            parse=values.one_of(dict(AccountSize.choices)),
            aliases=("company_size", "account_size"),
        ),
        Column(
            name="region",
            takes="Text of at most 100 characters.",
            stored="accounts.Account.region",
            parse=values.words(100),
            aliases=("geo", "geography", "territory"),
        ),
        Column(
            name="industry",
            takes="Text of at most 100 characters.",
            stored="accounts.Account.industry",
            parse=values.words(100),
            aliases=("sector", "vertical"),
        ),
        Column(
            name="lead_source",
            takes="Text of at most 100 characters.",
            stored="accounts.Account.lead_source",
            parse=values.words(100),
            aliases=("source", "acquisition_source"),
        ),
        Column(
            name="arr",
            takes="Rupees a year, zero or more, to the paisa; ₹ and Indian or Western grouping are fine.",
            stored="health.DailyMetrics.arr",
            parse=values.rupees,
            aliases=("annual_recurring_revenue", "arr_inr", "annual_revenue"),
        ),
        Column(
            name="seats",
            takes=f"A whole number from 0 to {MOST_SEATS:,}: users paid for.",
            stored="accounts.Account.seats",
            parse=values.whole_number(MOST_SEATS),
            aliases=("licenses", "licences", "total_seats", "licensed_users", "seats_purchased"),
        ),
        Column(
            name="owner",
            takes="The e-mail address of an active member.",
            stored="accounts.Account.owner",
            parse=values.email,
            aliases=("owner_email", "csm_email", "csm", "account_owner", "account_manager"),
        ),
        Column(
            name="cs_owner",
            takes="The name or e-mail address of a member. Of somebody else the row is taken without an owner.",
            stored="accounts.Account.owner",
            parse=values.words(NAME_LENGTH),
            aliases=("owner_name", "csm_name", "customer_success_owner", "customer_success_manager"),
        ),
        Column(
            name="contract_start",
            takes="A day, best as 2026-11-20.",
            stored="accounts.Account.contract_start",
            parse=values.day,
            aliases=("contract_start_date", "start_date"),
        ),
        Column(
            name="contract_end",
            takes="A day, best as 2026-11-20, not before the contract starts.",
            stored="accounts.Account.contract_end",
            parse=values.day,
            aliases=("contract_end_date", "end_date", "renewal_date"),
        ),
        Column(
            name="date",
            takes="A day up to today, best as 2026-11-20. A file without this column is about today.",
            stored="health.DailyMetrics.date",
            parse=values.past_day,
            aliases=("metric_date", "metrics_date", "snapshot_date", "day"),
            missing="is empty; every row needs its day once the file has this column",
        ),
        Column(
            name="daily_active_users",
            takes="A whole number, zero or more.",
            stored="health.DailyMetrics.daily_active_users",
            parse=values.count,
            aliases=("active_users", "dau", "users_active", "daily_users"),
        ),
        Column(
            name="feature_adoption_rate",
            takes="A share from 0 to 1, or a percentage with its sign.",
            stored="health.DailyMetrics.adoption_pct",
            parse=values.percentage,
            aliases=("feature_adoption", "adoption_rate", "adoption", "feature_x_adoption"),
        ),
        Column(
            name="support_tickets_open",
            takes="A whole number, zero or more.",
            stored="health.DailyMetrics.tickets_open",
            parse=values.count,
            aliases=("support_tickets", "open_tickets", "tickets_open", "open_support_tickets", "tickets_last_30d"),
        ),
        Column(
            name="nps_score",
            takes="A number from -100 to 100.",
            stored="health.DailyMetrics.nps",
            parse=values.net_promoter_score,
            aliases=("nps", "net_promoter_score"),
        ),
        Column(
            name="login_frequency",
            takes="A share from 0 to 1, or a percentage with its sign.",
            stored="health.DailyMetrics.login_rate",
            parse=values.share,
            aliases=("login_rate", "weekly_active_pct", "weekly_active_rate"),
        ),
    ),
    keys=("account_name", "external_id"),
)


def register_kinds() -> None:
    """Offer the metrics import; called when the app is ready."""
    register(
        ImportKind(
            name="metrics",
            units="days of metrics",
            is_usual=True,
            label="Accounts and daily metrics",
            description="One row per account and day. Accounts that are new are made.",
            columns=COLUMNS,
            loader=MetricsLoader,
            template="samples/metrics-template.csv",
            sample="samples/metrics-sample.csv",
            records_url_name="accounts:account_list",
            records_label="Show accounts",
            undo=MetricsUndo,
        )
    )
