"""The events that other systems can be told of: rooms register theirs, organisations choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEST = "webhook.test"
"""Sent by the button on the page; nobody has to choose it."""
LINES = 10
"""Of one message to a chat; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """Something that happens. Its items are told together, however many there are at once."""

    name: str
    """As in the body's `type`: `alerts.raised`."""
    label: str
    group: str


_EVENTS: dict[str, WebhookEvent] = {}


def register_webhook_event(event: WebhookEvent) -> None:
    if _EVENTS.setdefault(event.name, event) != event:
        raise ValueError(f"Two events are called {event.name!r}.")


def webhook_events() -> dict[str, WebhookEvent]:
    """By name, group by group."""
    return dict(sorted(_EVENTS.items(), key=lambda each: each[1].group))


def label_of(event: str) -> str:
    known = _EVENTS.get(event)
    return known.label if known else "A test"


def chat_text(event: str, items: Sequence[Mapping[str, Any]], count: int) -> str:
    """The items as a message that Slack and its likes show; what customers wrote cannot form links or mentions."""
    lines = [_line(item) for item in items[:LINES]]
    if count > LINES:
        lines.append(f"… and {count - LINES} more")
    return "\n".join([f"*{label_of(event)}*", *lines])


def _line(item: Mapping[str, Any]) -> str:
    account = (item.get("account") or {}).get("name", "")
    said = ": ".join(part for part in (account, str(item.get("title", ""))) if part)
    return f"• {_escaped(said)}"


def _escaped(text: str) -> str:
    """Slack's three special characters; `<!channel>` in a customer's name stays text."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
