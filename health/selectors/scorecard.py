"""The scorecards by which an organisation scores, and which of them an account's health comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery

from accounts.enums import Segment
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from health.enums import ScorecardKind
from health.models import HealthSnapshot, Scorecard
from health.scoring import SIGNALS_SCORECARD, ScorecardRules, rules_from_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthScorecards:
    """The live scorecards: the primary one, those that stand in for it in some segments, and those beside.

    Where several are for one segment, the one with the lowest priority number counts.
    """

    primary: Scorecard
    of_segments: tuple[Scorecard, ...] = ()
    """In the order in which they are asked."""
    beside: tuple[Scorecard, ...] = ()
    """They leave snapshots of their own, for comparison."""

    @property
    def counting(self) -> tuple[Scorecard, ...]:
        """Those whose scores are some account's health."""
        return (*self.of_segments, self.primary)

    def of_segment(self, segment: str) -> Scorecard:
        """The one that counts for accounts of a segment; an empty one is the primary's."""
        return next((card for card in self.of_segments if segment in card.segments), self.primary)

    def of(self, account: Account) -> Scorecard:
        return self.of_segment(account.segment)

    @property
    def by_segment(self) -> dict[str, Scorecard]:
        """Every segment, and having none, with the scorecard that counts there."""
        return {segment: self.of_segment(segment) for segment in ("", *Segment.values)}

    def shares(self, accounts: AccountQuerySet) -> Iterator[tuple[Scorecard, AccountQuerySet]]:
        """Each scorecard that counts with those of the accounts for which it does."""
        if not self.of_segments:
            yield self.primary, accounts
            return
        by_segment = self.by_segment
        for card in self.counting:
            segments = [segment for segment, counts in by_segment.items() if counts is card]
            if segments:
                yield card, accounts.filter(segment__in=segments)

    def may_differ_since(self, day: date) -> bool:
        """Whether some account's health may have come from another scorecard, or another version, after that day.

        Where segments have scorecards of their own an account changes its with its segment, on any day.
        """
        return bool(self.of_segments) or (self.primary.primary_since is not None and self.primary.primary_since > day)


def health_scorecards(organization: Organization) -> HealthScorecards:
    """In one query; an organisation without any is scored by the default one, which is not stored yet."""
    cards = list(organization.scorecards.published().order_by("priority", "key"))
    default = Scorecard(
        organization=organization, key=ScorecardKind.SIGNALS, name="Signals", signals=list(SIGNALS_SCORECARD)
    )
    return HealthScorecards(
        primary=next((card for card in cards if card.is_primary), default),
        of_segments=tuple(card for card in cards if card.segments and not card.is_primary),
        beside=tuple(card for card in cards if card.is_scored_beside and not card.is_primary),
    )


def counting_since(card: Scorecard, accounts: AccountQuerySet, *, today: date) -> dict[int, date]:
    """Since when a scorecard has been the health of those accounts that another one, or another version, was before.

    Told by their snapshots: one is written on the day on which another scorecard begins to count. Accounts that it
    will score today for the first time have today's date; those without snapshots of before, the day on which it
    began to count at all.
    """
    shown = HealthSnapshot.objects.primary().filter(account=OuterRef("pk"))
    others = shown.exclude(scorecard=card.pk).order_by("-date").values("date")[:1]
    ours = shown.filter(scorecard=card.pk, date__gt=OuterRef("others_until")).order_by("date").values("date")[:1]
    rows = accounts.order_by().annotate(others_until=Subquery(others))
    found = {
        key: card.primary_since if until is None else since or today
        for key, until, since in rows.values_list("pk", "others_until", Subquery(ours))
    }
    return {key: since for key, since in found.items() if since is not None}


def scored_anew_until(account: Account, scorecards: HealthScorecards, *, today: date, days: int) -> date | None:
    """The day in a window before which another scorecard, or version, was the account's health; mostly there is none.

    No query where no scorecard changed in the window.
    """
    first = today - timedelta(days=days)
    if not scorecards.may_differ_since(first):
        return None
    accounts = account.organization.accounts.filter(pk=account.pk)
    since = counting_since(scorecards.of(account), accounts, today=today).get(account.pk)
    return since if since is not None and since > first else None


def daily_rules(organization: Organization, rules: ScorecardRules) -> ScorecardRules:
    """Rules over daily metrics, for what looks at days alone: these as far as they are such, else the signals'."""
    if rules.of_days is not None:
        return rules.of_days
    card = live_scorecard(organization, ScorecardKind.SIGNALS)
    return (card.rules.of_days if card else None) or rules_from_rows(SIGNALS_SCORECARD)


def live_scorecard(organization: Organization, key: str) -> Scorecard | None:
    """The published version under a key."""
    found: Scorecard | None = organization.scorecards.published().filter(key=key).first()
    return found
