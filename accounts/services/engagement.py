"""Writing down contact with customers: logging, changing, holding and cancelling engagements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.enums import EngagementOutcome, EngagementState
from accounts.exceptions import AccountArchived, EngagementChangedMeanwhile, EngagementStateForbids, InvalidEngagement
from accounts.models import Account, Commitment, Contact, Engagement, EngagementContact
from accounts.names import clean_email
from accounts.services.activity import Happening, record_activity, revise_activity
from accounts.services.follow_up import default_due, open_follow_up
from csplatform.models import User

LOGGED = "logged"
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of our clock a caller's may be."""
MOST_ATTENDEES = 200
MOST_COMMITMENTS = 50
ATTENDEE_LENGTHS = {"name": 255, "email": 254, "role": 120}


class EngagementFacts(TypedDict, total=False):
    """What people may write of an engagement; what is left out stays as it is."""

    type: str
    title: str
    description: str
    outcome: str
    scheduled_at: datetime | None
    duration_minutes: int
    completed_at: datetime | None
    attendees: Sequence[Mapping[str, str]]
    mentions_competitor: bool
    competitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A commitment as it is written down; with the public id of an earlier one it is that one, changed."""

    side: str
    what: str
    name: str = ""
    due_on: date | None = None
    is_kept: bool = False
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What the follow-up of an engagement that asks for action shall say; each part has a default."""

    task_type: str = ""
    description: str = ""
    due_at: datetime | None = None
    assignee: User | None = None
    priority: str = ""


@transaction.atomic
def log_engagement(
    *,
    account: Account,
    by: User | None,
    next_step: NextStep | None = None,
    commitments: Iterable[Promise] = (),
    form_token: UUID | None = None,
    now: datetime | None = None,
    **facts: Unpack[EngagementFacts],
) -> Engagement:
    """Write an engagement down, with its line in the timeline and, where action is required, its follow-up.

    Sent twice with one `form_token` it is written once; the second time gives the first one back."""
    now = now or timezone.now()
    organization = account.organization
    # Two clicks wait for each other here, and the second one sees the first one's row.
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if form_token is not None and (earlier := organization.engagements.filter(form_token=form_token).first()):
        return earlier
    if stored.is_archived:
        raise AccountArchived
    engagement = Engagement(organization=organization, account=stored, created_by=by, form_token=form_token)
    _set(engagement, facts, now=now)
    engagement._history_user = by
    engagement.save(force_insert=True)
    link_contacts(engagement)
    write_commitments(engagement=engagement, promises=commitments, by=by, now=now)
    _leave_follow_up(engagement, next_step, by=by, now=now)
    record_activity(_line(engagement, by=by))
    return engagement


@transaction.atomic
def update_engagement(
    *,
    engagement: Engagement,
    by: User | None,
    next_step: NextStep | None = None,
    commitments: Iterable[Promise] | None = None,
    seen_at: datetime | None = None,
    now: datetime | None = None,
    **facts: Unpack[EngagementFacts],
) -> Engagement:
    """Change an engagement and its line; returns it as stored.

    ``seen_at`` is the ``updated_at`` that the editor saw: when somebody else saved since, nothing is written."""
    now = now or timezone.now()
    stored = _locked(engagement)
    if seen_at is not None and stored.updated_at != seen_at:
        raise EngagementChangedMeanwhile
    before = _facts_of(stored)
    _set(stored, facts, now=now)
    changed = _facts_of(stored) != before
    if commitments is not None:
        changed = write_commitments(engagement=stored, promises=commitments, by=by, now=now) or changed
    if changed:
        _leave_follow_up(stored, next_step, by=by, now=now)
        _save(stored, by=by)
    if "attendees" in facts:
        link_contacts(stored)
    return stored


@transaction.atomic
def complete_engagement(
    *,
    engagement: Engagement,
    by: User | None,
    at: datetime | None = None,
    outcome: str = "",
    description: str | None = None,
    next_step: NextStep | None = None,
    now: datetime | None = None,
) -> Engagement:
    """Say that a planned engagement took place, and how it went."""
    now = now or timezone.now()
    stored = _locked(engagement)
    if stored.state != EngagementState.PLANNED:
        raise EngagementStateForbids(f"This engagement is {stored.state.label.lower()} already.")
    facts: dict[str, Any] = {"completed_at": at or min(now, stored.scheduled_at or now)}
    if outcome:
        facts["outcome"] = outcome
    if description is not None:
        facts["description"] = description
    _set(stored, facts, now=now)
    _leave_follow_up(stored, next_step, by=by, now=now)
    _save(stored, by=by)
    return stored


@transaction.atomic
def cancel_engagement(
    *, engagement: Engagement, by: User | None, reason: str = "", now: datetime | None = None
) -> Engagement:
    """Say that a planned engagement will not take place. It stays in the story."""
    stored = _locked(engagement)
    if stored.state != EngagementState.PLANNED:
        raise EngagementStateForbids("Only what is planned can be cancelled.")
    stored.cancelled_at, stored.cancel_reason = now or timezone.now(), reason.strip()
    if len(stored.cancel_reason) > 255:
        raise InvalidEngagement("cancel_reason", "It takes at most 255 characters.")
    _save(stored, by=by)
    return stored


@transaction.atomic
def reinstate_engagement(*, engagement: Engagement, by: User | None) -> Engagement:
    """Take a cancellation back."""
    stored = _locked(engagement)
    if not stored.is_cancelled:
        raise EngagementStateForbids("This engagement is not cancelled.")
    stored.cancelled_at, stored.cancel_reason = None, ""
    _save(stored, by=by)
    return stored


def link_contacts(engagement: Engagement) -> None:
    """Tie the attendees to the account's contacts by email, to somebody who left only if nobody else has it."""
    emails = {clean_email(each["email"]) for each in engagement.attendees} - {""}
    known: dict[str, Contact] = {}
    for contact in engagement.account.contacts.filter(email__in=emails).order_by("pk"):
        if contact.email not in known or not contact.has_left:
            known[contact.email] = contact
    wanted = {contact.pk for contact in known.values()}
    linked = set(engagement.engagement_contacts.values_list("contact", flat=True))
    engagement.engagement_contacts.filter(contact__in=linked - wanted).delete()
    EngagementContact.objects.bulk_create(
        EngagementContact(organization=engagement.organization, engagement=engagement, contact_id=pk)
        for pk in sorted(wanted - linked)
    )


def unknown_attendees(engagement: Engagement) -> list[dict[str, str]]:
    """Attendees with an email that no contact of the account has: people to offer as new contacts."""
    emails = {clean_email(each["email"]) for each in engagement.attendees} - {""}
    known = (
        set(engagement.account.contacts.filter(email__in=emails).values_list("email", flat=True)) if emails else {}
    )
    unknown = {clean_email(each["email"]): each for each in reversed(engagement.attendees)}
    return [each for email, each in reversed(unknown.items()) if email and email not in known]


def write_commitments(*, engagement: Engagement, promises: Iterable[Promise], by: User | None, now: datetime) -> bool:
    """Make the engagement's commitments exactly these; says whether that changed anything."""
    wanted = list(promises)
    if len(wanted) > MOST_COMMITMENTS:
        raise InvalidEngagement("commitments", f"An engagement takes at most {MOST_COMMITMENTS} commitments.")
    stored = {each.uuid: each for each in engagement.commitments.all()}
    gone = stored.keys() - {promise.id for promise in wanted}
    for uuid in gone:
        stored[uuid]._history_user = by
        stored[uuid].delete()
    changed = bool(gone)
    for promise in wanted:
        known = stored.get(promise.id) if promise.id else None
        if promise.id and known is None:
            raise InvalidEngagement("commitments", f"There is no commitment {promise.id} on this engagement.")
        row = known or Commitment(organization=engagement.organization, engagement=engagement)
        before = (row.side, row.name, row.what, row.due_on, row.is_kept)
        row.side, row.name, row.what, row.due_on = (
            promise.side, promise.name.strip(), promise.what.strip(), promise.due_on,
        )  # fmt: skip
        row.kept_at = (row.kept_at or now) if promise.is_kept else None
        if known is None or (row.side, row.name, row.what, row.due_on, row.is_kept) != before:
            _refuse_what_cannot_be(row, "commitments")
            row._history_user = by
            row.save()
            changed = True
    return changed


@transaction.atomic
def keep_commitment(
    *, commitment: Commitment, by: User | None, kept: bool = True, now: datetime | None = None
) -> Commitment:
    """Tick a promise off, or take the tick back."""
    stored = commitment.organization.commitments.select_for_update(no_key=True).get(pk=commitment.pk)
    if stored.is_kept != kept:
        stored.kept_at = (now or timezone.now()) if kept else None
        stored._history_user = by
        stored.save(update_fields=["kept_at", "updated_at"])
    return stored


def revise_line(engagement: Engagement, *, by: User | None) -> None:
    """Let the timeline say what the engagement says now."""
    revise_activity(_line(engagement, by=by))


# -- what can be stored ------------------------------------------------------------------------------


def _locked(engagement: Engagement) -> Engagement:
    stored = (
        engagement.organization.engagements.select_for_update(no_key=True, of=("self",))
        .select_related("account")
        .get(pk=engagement.pk)
    )
    if stored.account.is_archived:
        raise AccountArchived
    return stored


def _facts_of(engagement: Engagement) -> tuple[object, ...]:
    return tuple(getattr(engagement, field.attname) for field in Engagement._meta.concrete_fields)


def _set(engagement: Engagement, facts: Mapping[str, Any], *, now: datetime) -> None:
    for name, value in facts.items():
        setattr(engagement, name, value)
    engagement.title = engagement.title.strip()
    engagement.competitor = engagement.competitor.strip()
    engagement.mentions_competitor = engagement.mentions_competitor or bool(engagement.competitor)
    engagement.attendees = [_attendee(each) for each in engagement.attendees]
    if len(engagement.attendees) > MOST_ATTENDEES:
        raise InvalidEngagement("attendees", f"An engagement takes at most {MOST_ATTENDEES} attendees.")
    if not engagement.title:
        raise InvalidEngagement("title", "Give the engagement a title.")
    if engagement.completed_at is not None and engagement.completed_at > now + CLOCK_SKEW:
        raise InvalidEngagement("completed_at", "What is done cannot lie ahead. Plan it with scheduled_at instead.")
    if engagement.is_cancelled and engagement.completed_at is not None:
        raise EngagementStateForbids("This engagement is cancelled. Reinstate it first.")
    _refuse_what_cannot_be(engagement, None)


def _attendee(given: Mapping[str, str]) -> dict[str, str]:
    """One attendee with the contract's three keys; refuses what no contact could be."""
    clean = {key: " ".join(str(given.get(key) or "").split()) for key in ATTENDEE_LENGTHS}
    for key, longest in ATTENDEE_LENGTHS.items():
        if len(clean[key]) > longest:
            raise InvalidEngagement("attendees", f"The {key} of an attendee takes at most {longest} characters.")
        if "\x00" in clean[key]:
            raise InvalidEngagement("attendees", f"The {key} of an attendee holds control characters.")
    if not clean["name"] and not clean["email"]:
        raise InvalidEngagement("attendees", "An attendee needs a name or an email.")
    return clean


def _refuse_what_cannot_be(row: Engagement | Commitment, field: str | None) -> None:
    try:
        row.clean_fields(exclude=["organization", "account", "engagement", "created_by"])
    except ValidationError as error:
        errors = error.message_dict
        if field is not None:
            raise InvalidEngagement(field, " ".join(each for some in errors.values() for each in some)) from error
        name, sentences = next(iter(errors.items()))
        raise InvalidEngagement(name, sentences[0]) from error


# -- its consequences ---------------------------------------------------------------------------------


def _save(engagement: Engagement, *, by: User | None) -> None:
    engagement._history_user = by
    engagement.save()
    revise_line(engagement, by=by)


def _leave_follow_up(engagement: Engagement, wanted: NextStep | None, *, by: User | None, now: datetime) -> None:
    """The follow-up of an engagement that asks for action: once, whatever is edited later."""
    if engagement.outcome != EngagementOutcome.ACTION_REQUIRED or engagement.has_follow_up:
        return
    step = wanted or NextStep()
    open_follow_up(
        account=engagement.account,
        by=by,
        engagement=engagement,
        assignee=step.assignee or engagement.account.owner or by,
        task_type=step.task_type or f"{engagement.get_type_display()} follow-up",
        description=step.description or engagement.title,
        priority=step.priority or "high",
        due_at=step.due_at or default_due(engagement.organization, now=now),
        now=now,
    )
    engagement.has_follow_up = True
    engagement.organization.engagements.filter(pk=engagement.pk).update(has_follow_up=True)


def _line(engagement: Engagement, *, by: User | None) -> Happening:
    return Happening(
        account=engagement.account,
        kind=engagement.type,
        title=engagement.title,
        text=engagement.description,
        occurred_at=engagement.happened_at,
        by=by,
        subject=engagement,
        event=LOGGED,
        details={
            "outcome": engagement.outcome,
            "state": engagement.state.value,
            "attendees": len(engagement.attendees),
            "competitor": engagement.mentions_competitor,
        },
    )
