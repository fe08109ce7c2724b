"""The corpus: files that people, programs and attackers send, each beside what has to come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from csplatform.models import Membership, Organization
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

ROOT = Path(__file__).parents[2] / "data" / "corpus"
UNKNOWN_MEASURES = dict.fromkeys(("daily_active_users", "adoption_pct", "tickets_open", "nps", "login_rate", "arr"))
PLAIN_ACCOUNT: dict[str, Any] = {
    **dict.fromkeys(("external_id", "segment", "size", "region", "industry", "lead_source"), ""),
    **dict.fromkeys(("arr", "seats", "owner", "contract_start", "contract_end")),
    "archived": False,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One file and what is expected of it. What an expectation leaves out is empty, none or untouched."""

    path: Path
    expected: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        options = dict(self.expected.get("options", {}))
        options.pop("filename", None)
        if "mapping" in options:
            options["mapping"] = json.dumps(options["mapping"])
        return options

    @property
    def filename(self) -> str:
        return str(self.expected.get("options", {}).get("filename", self.path.name))

    @property
    def is_refused(self) -> bool:
        return int(self.expected["status"]) >= 400

    @property
    def writes(self) -> bool:
        """Whether the file may change anything at all."""
        return not (self.is_refused or self.options.get("dry_run") or self.options.get("strict"))

    @property
    def accounts(self) -> list[dict[str, Any]]:
        return [PLAIN_ACCOUNT | account for account in self.expected["accounts"]]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        return [UNKNOWN_MEASURES | day for day in self.expected["metrics"]]

    def arrange(self, member: Membership, stranger: Membership) -> None:
        """What is there before the file comes."""
        for given in self.expected.get("given", []):
            facts = dict(given)
            days = facts.pop("metrics", [])
            if facts.pop("archived", False):
                facts["archived_at"] = timezone.now()
            where = stranger if facts.pop("elsewhere", False) else member
            account = AccountFactory(organization=where.organization, **facts)
            for day in days:
                DailyMetricsFactory(account=account, **{**UNKNOWN_MEASURES, **day})


def load_cases() -> list[Case]:
    """Every file of the corpus. A file without an expectation, or the other way round, is an error."""
    files = {path.with_suffix(""): path for path in ROOT.glob("*/*.csv")}
    expectations = {path.with_name(path.name[: -len(".expected.json")]): path for path in ROOT.glob("*/*.json")}
    assert files.keys() == expectations.keys()
    return [Case(files[key], json.loads(expectations[key].read_text())) for key in sorted(files)]


def stored_accounts(organization: Organization) -> list[dict[str, Any]]:
    """The accounts in the order in which they were made, as texts and numbers."""
    names = ["name", *PLAIN_ACCOUNT]
    fields = [{"owner": "owner__email", "archived": "archived_at"}.get(name, name) for name in names]
    rows = organization.accounts.order_by("number").values_list(*fields)
    return [{name: _plain(value, name) for name, value in zip(names, row, strict=True)} for row in rows]


def stored_metrics(organization: Organization) -> list[dict[str, Any]]:
    """The days, by account in the order of creation."""
    fields = ["account__name", "date", *UNKNOWN_MEASURES]
    rows = organization.daily_metrics.order_by("account__number", "date").values_list(*fields)
    return [
        {name.removesuffix("__name"): _plain(value, name) for name, value in zip(fields, row, strict=True)}
        for row in rows
    ]


def _plain(value: object, name: str) -> object:
    if name == "archived":
        return isinstance(value, datetime)
    return value if value is None or isinstance(value, str | int | float) else str(value)
