"""What is missing about accounts that somebody could fill in: rooms register their own, the list narrows to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import Contact
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization

Condition = Callable[[Organization, date], Q]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGap:
    """One kind of gap: which open accounts have it, and what to do about it."""

    key: str
    label: str
    todo: str
    condition: Condition
    """Of accounts in use, by the organisation's settings and today."""
    url_name: str = ""
    """The page where it is filled in for many at once."""


_GAPS: dict[str, DataGap] = {}


def register_data_gap(gap: DataGap) -> None:
    if _GAPS.setdefault(gap.key, gap) != gap:
        raise ValueError(f"Two gaps are called {gap.key!r}.")


def data_gaps() -> dict[str, DataGap]:
    return dict(_GAPS)


def with_gap(accounts: AccountQuerySet, key: str, organization: Organization, *, today: date) -> AccountQuerySet:
    """Those of the accounts that are in use and have the gap."""
    return accounts.open().filter(_GAPS[key].condition(organization, today))


def _without_contacts(_: Organization, __: date) -> Q:
    return Q(~Exists(Contact.objects.filter(account=OuterRef("pk"))))


def register_own() -> None:
    """What accounts themselves can lack; called once, when the room is ready."""
    for gap in (
        DataGap(
            key="no_owner",
            label="Nobody looks after them",
            todo="Select them in the list and assign an owner.",
            condition=lambda _, __: Q(owner=None),
        ),
        DataGap(
            key="no_renewal",
            label="No renewal date is known",
            todo="Enter the end of the contract, or import it.",
            condition=lambda _, __: Q(contract_end=None),
            url_name="csplatform:import_list",
        ),
        DataGap(
            key="no_contacts",
            label="Nobody is known there",
            todo="Import their contacts, or add one each.",
            condition=_without_contacts,
            url_name="csplatform:import_list",
        ),
        DataGap(
            key="no_segment",
            label="No segment is set",
            todo="Set it in the account, or import it.",
            condition=lambda _, __: Q(segment=""),
            url_name="csplatform:import_list",
        ),
    ):
        register_data_gap(gap)
