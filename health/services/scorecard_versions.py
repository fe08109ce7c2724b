"""Changing how an organisation scores: a draft beside the live version, published as a whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.enums import Segment
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.jobs import enqueue
from csplatform.models import Job, User
from csplatform.periods import civil_date
from health.enums import JobKind, ScorecardKind, ScorecardStatus
from health.models import Scorecard
from health.models.scorecard import NAME_LENGTH, NOTE_LENGTH
from health.scoring.guard_checks import guard_problems
from health.scoring.signal_checks import segment_problems, signal_problems, signal_rows
from health.selectors.scorecard import live_scorecard

LAST_PRIORITY = 99
KEY_LENGTH = 30
"""Leaves room for a number."""
PRIMARY_IS_FOR_ALL = "The primary scorecard is for every account whose segment has none of its own."


class DraftExists(DomainError):
    code = "draft_exists"
    message = "There is a draft of this scorecard already: publish or discard it first."


class NotADraft(DomainError):
    code = "not_a_draft"
    message = "Only a draft can be changed, published or discarded. Make a new version for that."


class NothingChanged(DomainError):
    code = "nothing_changed"
    message = "This draft scores exactly as the live version does: there is nothing to publish."


class NotLive(DomainError):
    code = "not_live"
    message = "Only a live version can score accounts."


class IsForSegments(DomainError):
    code = "is_for_segments"
    message = "This scorecard is for some segments only. Publish a version of it that is for none first."


class IsPrimary(DomainError):
    code = "is_primary"
    message = "The primary scorecard can't be retired: make another one the health score first."


@transaction.atomic
def new_scorecard(
    *, source: Scorecard, name: str, segments: Sequence[str] = (), priority: int = 1, by: User | None
) -> Scorecard:
    """The first draft of another scorecard, copied from a version of this one; for accounts of some segments."""
    organization, name = source.organization, name.strip()
    cards = list(organization.scorecards.select_for_update(no_key=True).order_by("pk"))
    problems = _audience_problems(list(segments), priority)
    if not name or len(name) > NAME_LENGTH:
        problems["name"] = [f"takes 1 to {NAME_LENGTH} characters."]
    elif name.casefold() in {card.name.casefold() for card in cards}:
        problems["name"] = ["There is a scorecard of this name already."]
    if problems:
        raise InvalidInput("The scorecard can't be made.", errors=problems)
    draft = Scorecard(
        organization=organization,
        key=_free_key(name, {*ScorecardKind.values, *(card.key for card in cards)}),
        name=name,
        kind=source.kind,
        segments=[each for each in Segment.values if each in segments],
        priority=priority,
        signals=source.signals,
        guards=source.guards,
        made_by=by,
    )
    draft._history_user = by
    draft.save()
    return draft


@transaction.atomic
def draft_version(*, scorecard: Scorecard, by: User | None) -> Scorecard:
    """A draft copied from a version, be it the live one or an older one. One at a time for each scorecard."""
    versions = _locked_versions(scorecard)
    if any(each.status == ScorecardStatus.DRAFT for each in versions):
        raise DraftExists
    draft = Scorecard(
        organization=scorecard.organization,
        key=scorecard.key,
        name=scorecard.name,
        kind=scorecard.kind,
        segments=scorecard.segments,
        priority=scorecard.priority,
        version=max(each.version for each in versions) + 1,
        signals=scorecard.signals,
        guards=scorecard.guards,
        made_by=by,
    )
    draft._history_user = by
    draft.save()
    return draft


@transaction.atomic
def edit_draft(
    *,
    draft: Scorecard,
    by: User | None,
    signals: Sequence[dict[str, Any]] | None = None,
    guards: Sequence[dict[str, Any]] | None = None,
    segments: Sequence[str] | None = None,
    priority: int | None = None,
    note: str | None = None,
) -> Scorecard:
    """Change a draft: all signals, all guards, whom it is for. What is left out stays; nothing is scored by it yet.

    A signal with a weight of 0 is left out of the scorecard.
    """
    draft = _locked_draft(draft)
    problems: dict[str, list[str]] = {}
    if signals is not None:
        if found := signal_problems(draft.kind, signals):
            problems["signals"] = found
        else:
            draft.signals = signal_rows(draft.kind, signals)
    if guards is not None:
        if found := guard_problems(guards):
            problems["guards"] = found
        draft.guards = list(guards)
    if segments is not None:
        draft.segments = list(segments)
        if segments and _live_version(draft) == draft.organization.scorecards.primary().first():
            problems["segments"] = [PRIMARY_IS_FOR_ALL]
    if priority is not None:
        draft.priority = priority
    problems |= _audience_problems(draft.segments, draft.priority)
    if note is not None:
        if len(note.strip()) > NOTE_LENGTH:
            problems["note"] = [f"takes at most {NOTE_LENGTH} characters."]
        draft.note = note.strip()
    if problems:
        raise InvalidInput("The scorecard can't be scored by.", errors=problems)
    draft._history_user = by
    draft.save(update_fields=["signals", "guards", "segments", "priority", "note", "updated_at"])
    return draft


@transaction.atomic
def discard_draft(*, draft: Scorecard, by: User | None) -> None:
    """Throw a draft away; its number is free again."""
    draft = _locked_draft(draft)
    draft._history_user = by
    draft.delete()


@transaction.atomic
def publish_draft(*, draft: Scorecard, by: User | None, now: datetime) -> tuple[Scorecard, Job]:
    """Make a draft the live version. The one before it stays readable, and so does every snapshot by it.

    Accounts are scored by it with the job that comes back.
    """
    draft, today = _locked_draft(draft), civil_date(now, draft.organization)
    live = _live_version(draft)
    if live is not None:
        if _scores_by(live) == _scores_by(draft):
            raise NothingChanged
        if live.is_primary and draft.segments:
            raise InvalidInput("The scorecard can't be published.", errors={"segments": [PRIMARY_IS_FOR_ALL]})
        if live.segments and not draft.segments:
            _give_back_to_primary(live, today=today)
        draft.is_primary, live.is_primary = live.is_primary, False
        draft.is_scored_beside = live.is_scored_beside
        live.status = ScorecardStatus.RETIRED
        live._history_user = by
        live.save(update_fields=["status", "is_primary", "updated_at"])
    draft.status = ScorecardStatus.PUBLISHED
    draft.published_at, draft.published_by = now, by
    draft.primary_since = today if draft.gives_health else None
    draft._history_user = by
    draft.save()
    return draft, _order_recompute(draft, by=by)


@transaction.atomic
def make_primary(*, scorecard: Scorecard, by: User | None, now: datetime) -> tuple[Scorecard, Job | None]:
    """Let a live scorecard give the accounts their health. A second time changes nothing."""
    scorecard = _locked(scorecard)
    if scorecard.status != ScorecardStatus.PUBLISHED:
        raise NotLive
    if scorecard.is_primary:
        return scorecard, None
    if scorecard.segments:
        raise IsForSegments
    for other in scorecard.organization.scorecards.filter(is_primary=True):
        other.is_primary, other.primary_since = False, None
        other._history_user = by
        other.save(update_fields=["is_primary", "primary_since", "updated_at"])
    scorecard.is_primary, scorecard.primary_since = True, civil_date(now, scorecard.organization)
    scorecard._history_user = by
    scorecard.save(update_fields=["is_primary", "primary_since", "updated_at"])
    return scorecard, _order_recompute(scorecard, by=by)


@transaction.atomic
def score_beside(*, scorecard: Scorecard, is_on: bool, by: User | None) -> tuple[Scorecard, Job | None]:
    """Let a live scorecard leave snapshots beside the primary one's, or no longer. A second time changes nothing."""
    scorecard = _locked(scorecard)
    if scorecard.status != ScorecardStatus.PUBLISHED:
        raise NotLive
    if scorecard.is_scored_beside == is_on:
        return scorecard, None
    scorecard.is_scored_beside = is_on
    scorecard._history_user = by
    scorecard.save(update_fields=["is_scored_beside", "updated_at"])
    return scorecard, _order_recompute(scorecard, by=by) if is_on else None


@transaction.atomic
def retire_scorecard(*, scorecard: Scorecard, by: User | None, now: datetime) -> tuple[Scorecard, Job | None]:
    """Score by it no longer; its accounts go back to the primary one, its versions and snapshots stay."""
    scorecard = _locked(scorecard)
    if scorecard.is_primary:
        raise IsPrimary
    if scorecard.status != ScorecardStatus.PUBLISHED:
        raise NotLive
    if scorecard.segments:
        _give_back_to_primary(scorecard, today=civil_date(now, scorecard.organization))
    scorecard.status, scorecard.is_scored_beside = ScorecardStatus.RETIRED, False
    scorecard._history_user = by
    scorecard.save(update_fields=["status", "is_scored_beside", "updated_at"])
    return scorecard, _order_recompute(scorecard, by=by) if scorecard.segments else None


def _give_back_to_primary(scorecard: Scorecard, *, today: date) -> None:
    """From today on the primary one counts for accounts that this one was for."""
    scorecard.organization.scorecards.primary().update(primary_since=today)


def _scores_by(card: Scorecard) -> tuple[object, ...]:
    """All that decides which accounts it scores, and how."""
    return card.signals, card.guards, set(card.segments), card.priority


def _audience_problems(segments: list[str], priority: int) -> dict[str, list[str]]:
    problems = {"segments": segment_problems(segments)}
    if not 1 <= priority <= LAST_PRIORITY:
        problems["priority"] = [f"is a whole number from 1, which counts first, to {LAST_PRIORITY}."]
    return {name: found for name, found in problems.items() if found}


def _live_version(card: Scorecard) -> Scorecard | None:
    return live_scorecard(card.organization, card.key)


def _free_key(name: str, taken: Collection[str]) -> str:
    """What the API calls it: the name in small letters, numbered where another one has that already."""
    wanted = slugify(name)[:KEY_LENGTH].strip("-") or "scorecard"
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


def _order_recompute(scorecard: Scorecard, *, by: User | None) -> Job:
    return enqueue(scorecard.organization, JobKind.RECOMPUTE, by=by, lane=JobKind.RECOMPUTE)


def _locked_versions(scorecard: Scorecard) -> list[Scorecard]:
    """Every version under the key, held against other writers; the whole organisation's, in one order."""
    rows = scorecard.organization.scorecards.select_for_update(no_key=True).order_by("pk")
    return [each for each in rows if each.key == scorecard.key]


def _locked(scorecard: Scorecard) -> Scorecard:
    return next((each for each in _locked_versions(scorecard) if each.pk == scorecard.pk), scorecard)


def _locked_draft(draft: Scorecard) -> Scorecard:
    draft = _locked(draft)
    if draft.status != ScorecardStatus.DRAFT:
        raise NotADraft
    return draft
