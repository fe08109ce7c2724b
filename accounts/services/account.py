"""Writing accounts. Each change of ARR posts to the MRR ledger through `arr_changed`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.arr_sources import sourced_arr, sourced_contracts
from accounts.enums import AccountStatus, ActivityKind, AliasKind, AliasOrigin
from accounts.exceptions import (
    AccountAlreadyChurned,
    AccountArchived,
    AccountChangedMeanwhile,
    AccountMerged,
    InvalidAccount,
)
from accounts.models import Account, AccountAlias, AccountTag, Tag
from accounts.models.tag import TAG_LENGTH
from accounts.names import clean_name, is_printable, name_key, turns_text_round
from accounts.querysets import AccountQuerySet
from accounts.selectors.account_group import MOST_LEVELS, ancestors_or_self, levels_below
from accounts.services.account_lines import (
    facts_told,
    tell_archived,
    tell_arr,
    tell_created,
    tell_edited,
    tell_owners,
    tell_status,
)
from accounts.services.activity import Happening, record_activity
from accounts.services.custom_fields import merged_values
from accounts.signals import ArrChange, accounts_churned, arr_changed, contracts_changed
from csplatform.exceptions import InvalidInput
from csplatform.formatting import counted, date_text, rupees_full
from csplatform.models import Organization, Team, User
from csplatform.money import ZERO
from csplatform.periods import day_bounds, end_of_day
from csplatform.periods import today as civil_today
from csplatform.services.notification import notify
from csplatform.services.sequence import lock_sequence, take_numbers

ACCOUNT_NUMBERS = "account"
"""The name of the sequence that numbers accounts; the import takes from the same one."""

REASON_LENGTH = 100
"""Of what histories say about why a row changed."""

COMPUTED = [
    "merged_into",
    "number",
    "name_key",
    "health_score",
    "last_known_health_score",
    "health_coverage",
    "churn_risk_score",
]


class AccountFacts(TypedDict, total=False):
    """What people may write of an account; what is left out stays as it is."""

    external_id: str
    segment: str
    size: str
    region: str
    industry: str
    lead_source: str
    status: str
    arr: Decimal | None
    seats: int | None
    owner: User | None
    team: Team | None
    contract_start: date | None
    contract_end: date | None
    contract_term_months: int | None
    parent: Account | None


@transaction.atomic
def create_account(
    *,
    organization: Organization,
    by: User | None,
    name: str,
    tags: Iterable[str] = (),
    custom_fields: Mapping[str, Any] | None = None,
    **facts: Unpack[AccountFacts],
) -> Account:
    """Add a customer under the next number. `custom_fields` are values by key, see `services.custom_fields`."""
    # First in the order of locks: two creations of one name wait for each other here, and the second is told.
    number = take_numbers(organization, ACCOUNT_NUMBERS)
    account = Account(organization=organization, number=number, name=name, **facts)
    _settle_status(account, was=None, today=civil_today(organization))
    _refuse_what_cannot_be(account)
    account.custom_fields = merged_values(
        organization.custom_fields.in_use(), {}, custom_fields or {}, ask_required=True
    )
    _save(account, by=by)
    _set_tags(account, tags)
    tell_created(account, by=by)
    _post_arr(account, before=ZERO, on=civil_today(organization), cause="Account created")
    if account.contract_end:
        contracts_changed.send(sender=Account, organization=organization, account_ids=[account.pk], by=by)
    return account


@transaction.atomic
def update_account(
    *,
    account: Account,
    by: User | None,
    name: str | None = None,
    tags: Iterable[str] | None = None,
    custom_fields: Mapping[str, Any] | None = None,
    seen_at: datetime | None = None,
    **facts: Unpack[AccountFacts],
) -> Account:
    """Change facts of an account; returns it as stored. Custom fields that `custom_fields` does not name stay.

    ``seen_at`` is the ``updated_at`` that the editor saw: when somebody else saved since, nothing is written.
    Changing the status to churned ends its ARR, as `churn_account` does.
    """
    if facts.get("parent") is not None:
        # First in the order of locks: two that would become each other's parent wait for each other here.
        lock_sequence(account.organization, ACCOUNT_NUMBERS)
    stored = _locked(account)
    if seen_at is not None and stored.updated_at != seen_at:
        raise AccountChangedMeanwhile
    was, arr, today = stored.status, stored.arr, civil_today(stored.organization)
    old_name, contract_end = stored.name, stored.contract_end
    contract = (stored.contract_start, stored.contract_end)
    before, said = _facts_of(stored), facts_told(stored)

    if name is not None:
        stored.name = name
    for field, value in facts.items():
        setattr(stored, field, value)
    _settle_status(stored, was=was, today=today)
    _refuse_what_cannot_be(stored)
    if stored.arr != arr and not stored.is_churned:
        _refuse_arr_beside_its_source(stored)
    if (stored.contract_start, stored.contract_end) != contract:
        _refuse_contract_beside_its_source(stored)
    if custom_fields is not None:
        in_use = stored.organization.custom_fields.in_use()
        stored.custom_fields = merged_values(in_use, stored.custom_fields, custom_fields)

    retagged = tags is not None and _set_tags(stored, tags)
    if retagged or _facts_of(stored) != before:
        _save(stored, by=by)
        remember_names(organization=stored.organization, renamed=[(stored.pk, old_name, stored.name)])
        tell_edited(stored, before=said, by=by)
        tell_status(stored, was=was, by=by)
        tell_arr(stored, before=arr, by=by)
    _tell(stored, was=was, contract_end=contract_end, by=by)
    _post_arr(stored, before=arr or ZERO, on=today, cause="Account edited")
    return stored


@transaction.atomic
def churn_account(*, account: Account, by: User | None, on: date | None = None, reason: str = "") -> Account:
    """Close an account: from ``on``, its first day without service, it pays nothing."""
    stored = _locked(account)
    if stored.is_churned:
        raise AccountAlreadyChurned
    today = civil_today(stored.organization)
    if on is not None and on > today:
        raise InvalidAccount("churned_on", "The first day without service must not lie ahead.")
    arr = stored.arr or ZERO
    was, stored.status = stored.status, AccountStatus.CHURNED
    stored.churned_on, stored.churn_reason = on or today, reason.strip()
    _settle_status(stored, was=was, today=today)
    _save(stored, by=by)
    tell_status(stored, was=was, by=by)
    _tell(stored, was=was, contract_end=stored.contract_end, by=by)
    _post_arr(stored, before=arr, on=stored.churned_on, cause="Churned")
    return stored


@transaction.atomic
def assign_owner(
    *, organization: Organization, accounts: AccountQuerySet, owner: User | None, by: User | None
) -> int:
    """Give accounts to one member, or to nobody; returns how many changed hands. Set-based, with history."""
    _refuse_stranger(organization, owner)
    elsewhere = accounts.filter(organization=organization).exclude(owner=owner)
    moving = list(elsewhere.order_by("pk").select_for_update(no_key=True, of=("self",)))
    now = timezone.now()
    keys = {account.owner_id for account in moving if account.owner_id}
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in=keys)} if keys else {}
    olds = {account.pk: names[account.owner_id] for account in moving if account.owner_id in names}
    for account in moving:
        account.owner, account.updated_at = owner, now
    organization.accounts.filter(pk__in=[account.pk for account in moving]).update(owner=owner, updated_at=now)
    Account.history.bulk_history_create(moving, update=True, default_user=by, default_change_reason="Owner assigned")
    tell_owners(organization, moving, olds=olds, new=owner, by=by)
    if owner is not None and moving:
        _tell_owner(organization, moving, owner=owner, by=by)
    return len(moving)


def _tell_owner(organization: Organization, moving: list[Account], *, owner: User, by: User | None) -> None:
    """One piece of news, however many accounts came."""
    first, giver = moving[0], f"{by.display_name} gave" if by else "The system gave"
    notify(
        organization=organization,
        to=[owner],
        but=by,
        kind="account_assigned",
        title=f"{first} is yours now" if len(moving) == 1 else f"{counted(len(moving), 'account')} are yours now",
        text=f"{giver} {'it' if len(moving) == 1 else 'them'} to you.",
        url=first.get_absolute_url() if len(moving) == 1 else f"{reverse('accounts:account_list')}?owner=my_accounts",
    )


@transaction.atomic
def archive_account(*, account: Account, by: User | None) -> Account:
    """Take an account out of lists and totals. Its rows and its past figures stay."""
    stored = account.organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if not stored.is_archived:
        stored.archived_at = timezone.now()
        _save(stored, by=by)
        tell_archived(stored, by=by)
    return stored


@transaction.atomic
def restore_account(*, account: Account, by: User | None) -> Account:
    """Bring an archived account back as it was."""
    stored = account.organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_merged:
        raise AccountMerged
    if stored.is_archived:
        stored.archived_at = None
        _save(stored, by=by)
        tell_archived(stored, by=by)
    return stored


@transaction.atomic
def remember_names(*, organization: Organization, renamed: Iterable[tuple[int, str, str]]) -> None:
    """Let accounts that were renamed be found by their old names too: key, old name and new name of each."""
    changed = [(account, old, new) for account, old, new in renamed if name_key(old) != name_key(new)]
    if not changed:
        return
    # The new name is perhaps a former one of the same account's: now it is what it is called.
    aliases = organization.account_aliases.filter(account__in=[account for account, _, _ in changed])
    aliases.names([name_key(new) for _, _, new in changed]).delete()
    AccountAlias.objects.bulk_create(
        [
            AccountAlias(
                organization=organization,
                account_id=account,
                kind=AliasKind.NAME,
                key=name_key(old),
                text=old,
                origin=AliasOrigin.RENAME,
            )
            for account, old, _ in changed
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def remove_alias(*, account: Account, alias: AccountAlias, by: User | None) -> None:
    """Forget a former name or external id: a file that uses it makes a new account again."""
    stored = _locked(account)
    if stored.aliases.filter(pk=alias.pk).delete()[0]:
        stored._change_reason = f"{alias.get_kind_display()} “{alias.text}” removed"[:REASON_LENGTH]
        _save(stored, by=by)


def _locked(account: Account) -> Account:
    """The account as stored now, held against other writers until the transaction ends."""
    stored = account.organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived:
        raise AccountArchived
    return stored


def _facts_of(account: Account) -> tuple[object, ...]:
    return tuple(getattr(account, field.attname) for field in Account._meta.concrete_fields)


def _settle_status(account: Account, *, was: str | None, today: date) -> None:
    """Churned means a day and no ARR; anything else means neither day nor reason."""
    if not account.is_churned:
        account.churned_on, account.churn_reason = None, ""
    elif was != AccountStatus.CHURNED:
        account.churned_on = account.churned_on or today
        account.arr = ZERO
    elif account.arr:
        raise InvalidAccount("arr", "A churned account pays nothing. Change its status first.")


def _refuse_what_cannot_be(account: Account) -> None:
    account.name = clean_name(account.name)
    account.name_key = name_key(account.name)
    account.external_id = account.external_id.strip()
    others = account.organization.accounts.exclude(pk=account.pk)
    if not account.name_key:
        raise InvalidAccount("name", "Give the account a name.")
    if not is_printable(account.name):
        raise InvalidAccount("name", "The name holds control characters.")
    if turns_text_round(account.name):
        raise InvalidAccount(
            "name", "The name holds an invisible character that turns the direction of text around; remove it."
        )
    if others.filter(name_key=account.name_key).exists():
        raise InvalidAccount("name", f"There is another account called “{account.name}”; it may be archived.")
    if account.external_id and others.filter(external_id=account.external_id).exists():
        raise InvalidAccount("external_id", f"Another account has the external id “{account.external_id}”.")
    _refuse_what_others_were_called(account)
    if account.contract_start and account.contract_end and account.contract_end < account.contract_start:
        raise InvalidAccount("contract_end", "The contract must not end before it starts.")
    _refuse_circle(account)
    if account.team is not None and account.team.organization_id != account.organization_id:
        raise InvalidAccount("team", "There is no such team.")
    _refuse_stranger(account.organization, account.owner)
    try:
        account.clean_fields(exclude=COMPUTED)
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error


def _refuse_circle(account: Account) -> None:
    """A group is a tree of a few levels; reading it costs a query a level."""
    if account.parent_id is None:
        return
    # Read again: the caller's object may be from before somebody gave the parent a parent.
    parent = account.organization.accounts.filter(pk=account.parent_id).first()
    if parent is None:
        raise InvalidAccount("parent", "There is no such account.")
    if account.pk is not None and account.pk in ancestors_or_self(parent):
        raise InvalidAccount("parent", f"{parent} belongs to {account} itself; a group cannot be a circle.")
    if len(ancestors_or_self(parent)) + len(levels_below(account)) + 1 > MOST_LEVELS:
        raise InvalidAccount("parent", f"A group has at most {MOST_LEVELS} levels.")


def _refuse_what_others_were_called(account: Account) -> None:
    """Former names and ids keep meaning one account, or the next file would not know which is meant."""
    aliases = account.organization.account_aliases.exclude(account_id=account.pk).select_related("account")
    for alias in aliases.meaning(name_key=account.name_key, external_id=account.external_id)[:1]:
        field = "name" if alias.kind == AliasKind.NAME else "external_id"
        what = alias.get_kind_display().lower()
        raise InvalidAccount(
            field, f"“{alias.text}” is a {what} of {alias.account}. Remove it there first, if that is wrong."
        )


def _refuse_stranger(organization: Organization, owner: User | None) -> None:
    if owner is not None and not organization.memberships.active().filter(user=owner).exists():
        raise InvalidAccount("owner", "The owner must be an active member.")


def _save(account: Account, *, by: User | None) -> None:
    account._history_user = by
    account.save()


def _set_tags(account: Account, names: Iterable[str]) -> bool:
    """Make the account carry exactly these tags, adding the unknown ones; says whether that changed anything."""
    wanted = {" ".join(name.split()) for name in names} - {""}
    if too_long := [name for name in wanted if len(name) > TAG_LENGTH]:
        raise InvalidAccount("tags", f"“{too_long[0][:20]}…” is too long for a tag.")
    organization = account.organization
    stored = dict(account.account_tags.values_list("tag__name", "pk"))
    if stored.keys() == wanted:
        return False
    account.account_tags.filter(pk__in=[pk for name, pk in stored.items() if name not in wanted]).delete()
    for name in sorted(wanted - stored.keys()):
        tag, _ = Tag.objects.get_or_create(organization=organization, name=name)
        AccountTag.objects.create(organization=organization, account=account, tag=tag)
    return True


def _refuse_arr_beside_its_source(account: Account) -> None:
    theirs = sourced_arr(account.organization, [account.pk]).get(account.pk)
    if theirs is not None and theirs != (account.arr or ZERO):
        raise InvalidAccount(
            "arr", f"It comes from the account's subscriptions ({rupees_full(theirs)} a year). Change those instead."
        )


def _refuse_contract_beside_its_source(account: Account) -> None:
    """The days that subscriptions say may be written, no others."""
    theirs = sourced_contracts(account.organization, [account.pk]).get(account.pk)
    if theirs is None or theirs == (account.contract_start, account.contract_end):
        return
    wrong = "contract_end" if account.contract_end != theirs[1] else "contract_start"
    days = f"{date_text(theirs[0])} to {date_text(theirs[1])}"
    raise InvalidAccount(wrong, f"The account's subscriptions say when its contract runs: {days}. Change those.")


def _tell(account: Account, *, was: str, contract_end: date | None, by: User | None) -> None:
    """Pass on what other rooms act on: that the account left or came back, or another end of its contract."""
    news = {"sender": Account, "organization": account.organization, "account_ids": [account.pk], "by": by}
    if account.is_churned and was != AccountStatus.CHURNED:
        accounts_churned.send(on=account.churned_on, reason=account.churn_reason, **news)
        _tell_churn(account, by=by)
    if account.contract_end != contract_end or account.is_churned != (was == AccountStatus.CHURNED):
        contracts_changed.send(**news)


def _tell_churn(account: Account, *, by: User | None) -> None:
    """On the timeline, unless the end of what it subscribed to has just been told."""
    organization = account.organization
    left_on = account.churned_on or civil_today(organization)
    lines = organization.activities.of_kinds([ActivityKind.CHURN]).filter(account=account)
    if lines.filter(occurred_at__gte=day_bounds(left_on, organization)[0]).exists():
        return
    record_activity(
        Happening(
            account=account,
            kind=ActivityKind.CHURN,
            title="Churned",
            text=account.churn_reason,
            occurred_at=min(timezone.now(), end_of_day(left_on, organization)),
            by=by,
            is_system=by is None,
        )
    )


def _post_arr(account: Account, *, before: Decimal, on: date, cause: str) -> None:
    now = account.arr or ZERO
    if now != before:
        change = ArrChange(account.pk, on, now)
        arr_changed.send(sender=Account, organization=account.organization, changes=[change], cause=cause)
