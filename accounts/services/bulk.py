"""Changing many accounts at once: what would happen, doing it as a job, and taking it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from accounts.bulk import BulkAction, bulk_actions, bulk_actions_for
from accounts.exceptions import BulkNotAllowed, BulkRefused
from accounts.models import BulkChange
from accounts.permissions import editable_accounts
from accounts.querysets import AccountQuerySet
from csplatform.enums import JobStatus
from csplatform.exceptions import InvalidInput
from csplatform.formatting import counted, number
from csplatform.jobs import JobRun, enqueue, run_now
from csplatform.models import Job, Membership
from csplatform.services.job_news import JobNews
from csplatform.tenancy import organization_scope

JOB_KIND = "bulk_accounts"
CHUNK = 500
SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPreview:
    """What a bulk action would do to a selection."""

    told: str
    matched: int
    will_change: int
    unchanged: int
    not_yours: int
    names: Sequence[str]
    """The first few that would change."""
    can_be_undone: bool

    @property
    def sentence(self) -> str:
        """`12 of 15 will change; 3 are not yours.`"""
        parts = [f"{number(self.will_change)} of {number(self.matched)} will change"]
        if self.not_yours:
            parts.append(f"{number(self.not_yours)} {'is' if self.not_yours == 1 else 'are'} not yours")
        if self.unchanged:
            parts.append(f"{number(self.unchanged)} {'is' if self.unchanged == 1 else 'are'} so already")
        return "; ".join(parts) + "."


def bulk_action_for(member: Membership, name: str) -> BulkAction:
    """The action by name; 400 for a word that is none, 403 for what the role may not."""
    allowed = {action.name: action for action in bulk_actions_for(member)}
    if name not in bulk_actions():
        sentence = f"takes {', '.join(bulk_actions())}."
        raise InvalidInput(f"action: {sentence}", errors={"action": [sentence]})
    if name not in allowed:
        raise BulkNotAllowed(f"Your role ({member.get_role_display()}) may not {bulk_actions()[name].needs}.")
    return allowed[name]


def preview_bulk(*, member: Membership, action: str, value: Any, accounts: AccountQuerySet) -> BulkPreview:
    """Count what would happen, and write nothing."""
    chosen = bulk_action_for(member, action)
    clean = chosen.clean(member, value)
    matched = accounts.order_by().count()
    theirs = accounts.filter(pk__in=editable_accounts(member).values("pk"))
    changing = chosen.differing(theirs, clean)
    editable, will_change = theirs.order_by().count(), changing.order_by().count()
    can_be_undone = chosen.undo is not None and chosen.can_undo(clean, [])
    return BulkPreview(
        told=chosen.told(member.organization, clean),
        matched=matched,
        will_change=will_change,
        unchanged=editable - will_change,
        not_yours=matched - editable,
        names=list(changing.order_by("name_key").values_list("name", flat=True)[:SHOWN_NAMES]),
        can_be_undone=can_be_undone,
    )


def submit_bulk(
    *,
    member: Membership,
    action: str,
    value: Any,
    accounts: AccountQuerySet,
    query: str = "",
    key: str = "",
    fingerprint: str = "",
    respond_async: bool = False,
) -> BulkChange:
    """Write the change down and do it, at once where it is small. The caller is in no scope.

    The accounts are settled now: what comes into the filter later is not changed. The same `key` again starts
    nothing and returns the first change."""
    stored_key = hashlib.sha256(f"{member.pk}:{key}".encode()).hexdigest() if key else ""
    organization = member.organization
    try:
        with organization_scope(organization, write=True, touch=False):
            clean = bulk_action_for(member, action).clean(member, value)
            keys = list(accounts.order_by("pk").values_list("pk", flat=True))
            payload = {"fingerprint": fingerprint}
            job = enqueue(
                organization, JOB_KIND, payload, by=member.user, total=len(keys), idempotency_key=stored_key
            )
            change = BulkChange.objects.create(
                organization=organization,
                job=job,
                action=action,
                value=clean,
                by=member.user,
                query=query,
                account_ids=keys,
            )
    except IntegrityError:
        return _earlier(member, stored_key, fingerprint)
    return _done(change, at_once=len(keys) <= settings.BULK_INLINE_LIMIT and not respond_async)


def undo_bulk(*, change: BulkChange, member: Membership) -> BulkChange:
    """Give the old values back to the accounts that nobody changed since. The caller is in no scope."""
    organization = member.organization
    with organization_scope(organization, write=True, touch=False):
        refuse_undo(change, member)
        keys = [key for _, pairs in change.before for key in pairs]
        try:
            job = enqueue(organization, JOB_KIND, {}, by=member.user, total=len(keys))
            undo = BulkChange.objects.create(
                organization=organization,
                job=job,
                action=change.action,
                value=change.value,
                by=member.user,
                account_ids=keys,
                undoes=change,
            )
        except IntegrityError:
            raise BulkRefused("This was undone already.") from None
    return _done(undo, at_once=len(keys) <= settings.BULK_INLINE_LIMIT)


def refuse_undo(change: BulkChange, member: Membership) -> None:
    """Say why a change cannot be taken back, if it cannot."""
    action = bulk_action_for(member, change.action)
    if change.by_id != member.user_id:
        raise BulkRefused("Only who made the change may take it back.")
    if change.undoes_id or BulkChange.objects.filter(undoes=change).exists():
        raise BulkRefused("This was undone already.")
    if not change.before:
        raise BulkRefused("It has changed nothing.")
    if action.undo is None or not action.can_undo(change.value, change.before):
        raise BulkRefused(action.stays)


def run_bulk(run: JobRun) -> None:
    """The job: chunk by chunk, each with its place; a second run goes on behind the last committed one."""
    with organization_scope(run.organization, write=False):
        change = BulkChange.objects.select_related("undoes").get(job=run.job)
        asked_by = run.job.asked_by
        member = run.organization.memberships.active().filter(user=asked_by).select_related("user").first()
    if member is None:
        raise BulkRefused("Who asked for this is no longer an active member.")
    member.organization = run.organization
    groups = change.undoes.before if change.undoes else [[None, change.account_ids]]
    total, at = sum(len(keys) for _, keys in groups), 0
    for old, keys in groups:
        for chunk in _chunks(keys, CHUNK):
            at += len(chunk)
            if at <= run.offset:
                continue
            run.check()
            with run.chunk(offset=at, done=at, total=total):
                _change_chunk(change, member, chunk, old)
    with organization_scope(run.organization, write=False):
        change.refresh_from_db()
    run.finish(
        {
            "bulk_id": str(change.uuid),
            "matched": len(change.account_ids),
            "changed": change.changed,
            "unchanged": change.unchanged,
            "not_yours": change.refused,
        },
        message=_told(change),
    )


def _change_chunk(change: BulkChange, member: Membership, keys: Sequence[int], old: Any) -> None:
    action = bulk_action_for(member, change.action)
    organization = member.organization
    accounts = organization.accounts.filter(pk__in=keys)
    theirs = accounts.filter(pk__in=list(editable_accounts(member).filter(pk__in=keys).values_list("pk", flat=True)))
    present, editable = accounts.count(), theirs.count()
    if change.undoes_id and action.undo:
        changed = action.undo(organization, theirs, old, change.value, member.user)
    else:
        wanted = list(action.differing(theirs, change.value).values_list("pk", flat=True))
        before = action.apply(organization, organization.accounts.filter(pk__in=wanted), change.value, member.user)
        changed = sum(len(pairs) for _, pairs in before)
        change.before = [*change.before, *[[value, pairs] for value, pairs in before if pairs]]
    change.changed += changed
    change.refused += present - editable
    change.unchanged += editable - changed
    change.save(update_fields=["changed", "refused", "unchanged", "before"])


def _told(change: BulkChange) -> str:
    verb = "changed back" if change.undoes_id else "changed"
    parts = [f"{counted(change.changed, 'account')} {verb}"]
    if change.refused:
        parts.append(f"{number(change.refused)} not yours")
    return "; ".join(parts) + "."


def _done(change: BulkChange, *, at_once: bool) -> BulkChange:
    if at_once:
        run_now(change.job)
    with organization_scope(change.organization, write=False):
        return BulkChange.objects.select_related("job", "by").get(pk=change.pk)


def _earlier(member: Membership, stored_key: str, fingerprint: str) -> BulkChange:
    with organization_scope(member.organization, write=False):
        job = Job.objects.get(organization=member.organization, kind=JOB_KIND, idempotency_key=stored_key)
        if job.payload.get("fingerprint") != fingerprint:
            raise BulkRefused("This Idempotency-Key was used with another body.")
        return BulkChange.objects.select_related("job", "by").get(job=job)


def _chunks(keys: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def bulk_news(job: Job) -> JobNews | None:
    """What is told of a change of many accounts that nobody waited for."""
    change = BulkChange.objects.filter(organization=job.organization, job=job).first()
    if change is None:
        return None
    what = "A change of many accounts has failed" if job.status == JobStatus.FAILED else "Many accounts are changed"
    return JobNews(title=what, url=reverse("accounts:bulk_change", args=[change.uuid]))
