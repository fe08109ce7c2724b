"""Putting facts into words: by the language model where that is on and answers well, else by rules."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field

import structlog
from django.conf import settings
from django.utils import timezone

from csplatform.tenancy import organization_scope
from insights.enums import CallOutcome, InsightKind, InsightSource
from insights.facts import AccountFacts, Facts, as_json
from insights.services import model_use
from insights.services.model_use import Wish
from insights.writers.base import Wishes, Writer
from insights.writers.rules import RulesWriter

log = structlog.get_logger(__name__)

TEXTS = {
    InsightKind.ACCOUNT: ("summary", "health_analysis", "risk_factors", "recommended_actions"),
    InsightKind.PORTFOLIO: ("summary", "key_findings", "top_risks", "opportunities"),
}
CHARACTERS_A_TOKEN = 3
"""For an estimate on the safe side; ours are facts in JSON, which take many."""
MOST_ANSWER_TOKENS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """The texts by their contract's names, who wrote them, and on which facts each sentence rests."""

    texts: dict[str, object]
    source: InsightSource
    facts_key: str = ""
    rests_on: list[dict[str, object]] = field(default_factory=list)


def by_rules(facts: Facts, wishes: Wishes) -> Worded:
    return Worded(texts=_texts(RulesWriter(), facts, wishes), source=InsightSource.RULES)


def put_into_words(wish: Wish, facts: Facts, wishes: Wishes) -> Worded:
    """Never fails, and never waits for longer than the provider's time-out allows. Enters its own scopes: no
    transaction waits for the model."""
    organization = wish.organization
    with organization_scope(organization, write=False):
        if not model_use.model_is_on(organization):
            return by_rules(facts, wishes)
    question = json.dumps(as_json(facts), ensure_ascii=False)
    key = _key(question, wishes, wish.prompt_version)
    with organization_scope(organization, write=True, touch=False):
        kept = organization.insights.filter(facts_key=key, source=InsightSource.LLM).first()
        if kept is not None:
            model_use.note(wish, CallOutcome.CACHED, now=timezone.now())
            texts = {name: kept.body[name] for name in TEXTS[wish.kind]}
            return Worded(texts=texts, source=InsightSource.LLM, facts_key=key, rests_on=kept.rests_on)
    return _asked(wish, facts, wishes, key=key, estimate=len(question) // CHARACTERS_A_TOKEN + MOST_ANSWER_TOKENS)


def _asked(wish: Wish, facts: Facts, wishes: Wishes, *, key: str, estimate: int) -> Worded:
    # PERFORMANCE: the provider's client takes forty megabytes and a second; who has no key never loads it.
    from insights.llm.gateway import ModelUnavailable, OpenAIProvider
    from insights.llm.writer import ModelWriter

    organization = wish.organization
    with organization_scope(organization, write=True, touch=False):
        call = model_use.set_aside(wish, tokens=estimate, now=timezone.now())
    if call.outcome == CallOutcome.BUDGET:
        return by_rules(facts, wishes)
    writer, began = ModelWriter(provider=OpenAIProvider()), time.monotonic()
    words: Worded | None = None
    try:
        texts = _texts(writer, facts, wishes)
    except ModelUnavailable as failure:
        outcome, used = failure.outcome, (failure.tokens_in, failure.tokens_out)
    except Exception:
        # Whatever a provider's answer makes of its client, the reader gets a text.
        log.exception("language model failed")
        outcome, used = CallOutcome.ERROR.value, (0, 0)
    else:
        words = Worded(texts=texts, source=InsightSource.LLM, facts_key=key, rests_on=writer.rests_on)
        outcome, used = CallOutcome.ANSWERED.value, (writer.tokens_in, writer.tokens_out)
    with organization_scope(organization, write=True, touch=False):
        model_use.settle(
            call,
            outcome,
            tokens_in=used[0],
            tokens_out=used[1],
            dropped=writer.dropped,
            milliseconds=round(1000 * (time.monotonic() - began)),
        )
    return words or by_rules(facts, wishes)


def _texts(writer: Writer, facts: Facts, wishes: Wishes) -> dict[str, object]:
    if isinstance(facts, AccountFacts):
        return asdict(writer.write_account(facts, wishes))
    return asdict(writer.write_portfolio(facts, wishes))


def _key(question: str, wishes: Wishes, prompt_version: str) -> str:
    asked = [question, prompt_version, settings.OPENAI_MODEL, settings.OPENAI_BASE_URL]
    asked += [str(wishes.include_recommendations), *(area.value for area in wishes.focus)]
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()
