"""Logging: one JSON line an event in production, readable lines in development; no secrets in either."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SIGNED_LINK = re.compile(r"(/auth/(?:invitations|password/reset/key|confirm-email)/)[^\s'\"?]+")


def hide_link_tokens(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep one-time links out of the log: whoever reads it must not be able to use them."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SIGNED_LINK.sub(r"\1…", value)
    return event


def logging_config(*, debug: bool) -> dict[str, Any]:
    """Return Django's LOGGING and set structlog up to feed it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False) if debug else structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_link_tokens,
                    renderer,
                ],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "csplatform": {"level": "INFO"},
            "django": {"level": "WARNING"},
            "django_structlog": {"level": "WARNING" if debug else "INFO"},
            "axes": {"level": "ERROR"},
        },
    }
