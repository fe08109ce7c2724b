"""A writer that asks a language model, and keeps of its answer what the facts bear out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from insights.enums import InsightSource
from insights.facts import AccountFacts, PortfolioFacts
from insights.llm.checking import cleaned, is_borne_out
from insights.llm.evidence import Fact, evidence_of
from insights.llm.gateway import ModelUnavailable, Provider, Shape
from insights.llm.prompts import AccountAnswer, PortfolioAnswer, Sentence, prompt_about
from insights.writers import account_rules, portfolio_rules
from insights.writers.base import LEAST_FINDINGS, MOST_FINDINGS, AccountText, PortfolioText, Wishes
from insights.writers.portfolio_rules import MOST_OPPORTUNITIES, MOST_RISKS

MOST_SENTENCES = 6
"""Of one paragraph."""


@dataclass(slots=True)
class ModelWriter:
    """What is settled by rules stays so: risk factors, and the three actions. The model puts the rest into words.

    A part of which nothing is left is the rules' own. Raises `ModelUnavailable` where no sentence of the summary is
    left: then all of it had better be. After writing, `rests_on` says for each kept sentence what it rests on, and
    `dropped` how many were not kept."""

    provider: Provider
    source: InsightSource = InsightSource.LLM
    tokens_in: int = 0
    tokens_out: int = 0
    dropped: int = 0
    rests_on: list[dict[str, object]] = field(default_factory=list)

    def write_account(self, facts: AccountFacts, wishes: Wishes) -> AccountText:
        evidence = evidence_of(facts)
        answer = self._ask(facts, evidence, wishes, AccountAnswer)
        plain = account_rules.write_account(facts, wishes)
        return AccountText(
            summary=" ".join(self._summary(answer.summary, evidence)),
            health_analysis=" ".join(self._kept(answer.health_analysis, evidence)) or plain.health_analysis,
            risk_factors=plain.risk_factors,
            recommended_actions=plain.recommended_actions,
        )

    def write_portfolio(self, facts: PortfolioFacts, wishes: Wishes) -> PortfolioText:
        evidence = evidence_of(facts)
        answer = self._ask(facts, evidence, wishes, PortfolioAnswer)
        plain = portfolio_rules.write_portfolio(facts, wishes)
        summary = " ".join(self._summary(answer.summary, evidence))
        findings = self._kept(answer.key_findings, evidence)[:MOST_FINDINGS]
        risks = self._kept(answer.top_risks, evidence)[:MOST_RISKS]
        chances = self._kept(answer.opportunities, evidence)[:MOST_OPPORTUNITIES]
        return PortfolioText(
            summary=summary,
            key_findings=_topped_up(findings, plain.key_findings),
            top_risks=tuple(risks) or plain.top_risks,
            opportunities=(tuple(chances) or plain.opportunities) if wishes.include_recommendations else (),
        )

    def _ask(
        self,
        facts: AccountFacts | PortfolioFacts,
        evidence: dict[str, Fact],
        wishes: Wishes,
        shape: type[Shape],
    ) -> Shape:
        answer = self.provider.ask(prompt_about(facts, evidence, wishes), shape)
        self.tokens_in, self.tokens_out = answer.tokens_in, answer.tokens_out
        return answer.parsed

    def _summary(self, sentences: Sequence[Sentence], evidence: Mapping[str, Fact]) -> list[str]:
        kept = self._kept(sentences, evidence)
        if not kept:
            raise ModelUnavailable("unfounded", tokens_in=self.tokens_in, tokens_out=self.tokens_out)
        return kept

    def _kept(self, sentences: Sequence[Sentence], evidence: Mapping[str, Fact]) -> list[str]:
        kept: list[str] = []
        for sentence in sentences[:MOST_SENTENCES]:
            text = cleaned(sentence.text)
            if is_borne_out(text, sentence.facts, evidence) and text not in kept:
                kept.append(text)
                rows = [evidence[key].as_row() for key in dict.fromkeys(sentence.facts) if key in evidence]
                self.rests_on.append({"text": text, "facts": rows})
            else:
                self.dropped += 1
        return kept


def _topped_up(findings: list[str], plain: Sequence[str]) -> tuple[str, ...]:
    """The contract asks for three findings at least; the rules lend what is missing."""
    spare = [finding for finding in plain if finding not in findings]
    return tuple(findings + spare[: max(0, LEAST_FINDINGS - len(findings))])
