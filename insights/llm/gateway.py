"""Asking a language model over the protocol of OpenAI: one time-out, one more try, and a breaker behind both."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Generic, Protocol, TypeVar

import openai
from django.conf import settings
from django.core.cache import cache as shared_cache
from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)

MOST_ANSWER_TOKENS = 1_500
TRIES = 2
PAUSE_SECONDS = 0.5
FAILURES_TO_OPEN, COUNTED_SECONDS, OPEN_SECONDS = 3, 300, 60
_FAILURES, _OPEN = "llm:failures", "llm:open"
_TRANSIENT = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)


class ModelUnavailable(Exception):
    """There is no usable answer; `outcome` is a `CallOutcome`, for the log."""

    def __init__(self, outcome: str, *, tokens_in: int = 0, tokens_out: int = 0) -> None:
        super().__init__(outcome)
        self.outcome, self.tokens_in, self.tokens_out = outcome, tokens_in, tokens_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model is to do, and the data it is about, which is never an instruction."""

    system: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Shape]):
    parsed: Shape
    tokens_in: int
    tokens_out: int


class Provider(Protocol):
    """Answers a prompt in a shape, or raises `ModelUnavailable`."""

    def ask(self, prompt: Prompt, shape: type[Shape]) -> Answer[Shape]: ...


class OpenAIProvider:
    """OpenAI itself, or whoever speaks like it at OPENAI_BASE_URL."""

    def ask(self, prompt: Prompt, shape: type[Shape]) -> Answer[Shape]:
        if shared_cache.get(_OPEN):
            raise ModelUnavailable("breaker")
        try:
            answer = self._asked(prompt, shape)
        except ModelUnavailable as failure:
            if failure.outcome in {"timeout", "error"}:
                _count_failure()
            raise
        shared_cache.delete(_FAILURES)
        return answer

    def _asked(self, prompt: Prompt, shape: type[Shape]) -> Answer[Shape]:
        for attempt in range(1, TRIES + 1):
            try:
                completion = _client().chat.completions.parse(
                    model=settings.OPENAI_MODEL,
                    messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.data}],
                    response_format=shape,
                    max_completion_tokens=MOST_ANSWER_TOKENS,
                )
            except openai.APITimeoutError as error:
                # Not again: the page has waited long enough.
                raise ModelUnavailable("timeout") from error
            except _TRANSIENT as error:
                if attempt == TRIES:
                    raise ModelUnavailable("error") from error
                time.sleep(PAUSE_SECONDS * attempt)
            except openai.LengthFinishReasonError as error:
                used = error.completion.usage
                tokens = (used.prompt_tokens, used.completion_tokens) if used else (0, MOST_ANSWER_TOKENS)
                raise ModelUnavailable("invalid", tokens_in=tokens[0], tokens_out=tokens[1]) from error
            except (ValidationError, json.JSONDecodeError) as error:
                raise ModelUnavailable("invalid", tokens_out=MOST_ANSWER_TOKENS) from error
            except openai.OpenAIError as error:
                raise ModelUnavailable("error") from error
            else:
                return _read(completion)
        raise ModelUnavailable("error")


def _read(completion: openai.types.chat.ParsedChatCompletion[Shape]) -> Answer[Shape]:
    used = completion.usage
    tokens_in, tokens_out = (used.prompt_tokens, used.completion_tokens) if used else (0, MOST_ANSWER_TOKENS)
    parsed = completion.choices[0].message.parsed if completion.choices else None
    if parsed is None:  # a refusal, or an answer that was cut off
        raise ModelUnavailable("refused", tokens_in=tokens_in, tokens_out=tokens_out)
    return Answer(parsed=parsed, tokens_in=tokens_in, tokens_out=tokens_out)


def _count_failure() -> None:
    shared_cache.add(_FAILURES, 0, COUNTED_SECONDS)
    try:
        failures = shared_cache.incr(_FAILURES)
    except ValueError:  # it ran out in between
        return
    if failures >= FAILURES_TO_OPEN:
        shared_cache.set(_OPEN, True, OPEN_SECONDS)
        shared_cache.delete(_FAILURES)


def _client() -> openai.OpenAI:
    return _client_for(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL, settings.OPENAI_TIMEOUT_SECONDS)


@cache
def _client_for(key: str, base_url: str, seconds: float) -> openai.OpenAI:
    """One client, which keeps its connections. It does not try again by itself: it would wait for as long as an
    answer of 429 asks it to."""
    return openai.OpenAI(api_key=key, base_url=base_url or None, timeout=seconds, max_retries=0)
