"""Changing how an organisation scores: a draft beside the live version, published as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from csplatform.exceptions import DomainError, InvalidInput
from csplatform.jobs import enqueue
from csplatform.models import Job, User
from csplatform.periods import civil_date
from health.enums import JobKind, ScorecardStatus
from health.models import Scorecard
from health.models.scorecard import NOTE_LENGTH
from health.scoring.guard_checks import guard_problems
from health.scoring.signal_checks import signal_problems, signal_rows


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
    note: str | None = None,
) -> Scorecard:
    """Change a draft: all signals, all guards, what it is for. What is left out stays; nothing is scored by it yet.

    A signal with a weight of 0 is left out of the scorecard.
    """
    draft = _locked_draft(draft)
    problems: dict[str, list[str]] = {}
    if signals is not None:
        if found := signal_problems(draft.key, signals):
            problems["signals"] = found
        else:
            draft.signals = signal_rows(draft.key, signals)
    if guards is not None:
        if found := guard_problems(guards):
            problems["guards"] = found
        draft.guards = list(guards)
    if note is not None:
        if len(note.strip()) > NOTE_LENGTH:
            problems["note"] = [f"takes at most {NOTE_LENGTH} characters."]
        draft.note = note.strip()
    if problems:
        raise InvalidInput("The scorecard can't be scored by.", errors=problems)
    draft._history_user = by
    draft.save(update_fields=["signals", "guards", "note", "updated_at"])
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
    draft = _locked_draft(draft)
    live = draft.organization.scorecards.published().filter(key=draft.key).first()
    if live is not None:
        if (live.signals, live.guards) == (draft.signals, draft.guards):
            raise NothingChanged
        draft.is_primary, live.is_primary = live.is_primary, False
        draft.is_scored_beside = live.is_scored_beside
        live.status = ScorecardStatus.RETIRED
        live._history_user = by
        live.save(update_fields=["status", "is_primary", "updated_at"])
    draft.status = ScorecardStatus.PUBLISHED
    draft.published_at, draft.published_by = now, by
    draft.primary_since = civil_date(now, draft.organization) if draft.is_primary else None
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
