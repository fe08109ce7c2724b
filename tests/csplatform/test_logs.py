"""What the log must not say."""

from __future__ import annotations

import logging

import pytest

from csplatform.logs import hide_link_tokens, logging_config


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("GET /auth/invitations/s3cret-Token", "GET /auth/invitations/…"),
        ("Not Found: /auth/password/reset/key/1-s3cret/", "Not Found: /auth/password/reset/key/…"),
        ("POST /auth/confirm-email/MQ:s3cret:x/?next=/dashboard", "POST /auth/confirm-email/…?next=/dashboard"),
        ("GET /dashboard/accounts/7", "GET /dashboard/accounts/7"),
    ],
)
def test_links_that_work_once_are_not_logged(said: str, logged: str) -> None:
    assert hide_link_tokens(None, "info", {"event": said, "request": said, "code": 404}) == {
        "event": logged,
        "request": logged,
        "code": 404,
    }


def test_lines_of_the_libraries_are_cleaned_too() -> None:
    settings = logging_config(debug=False)["formatters"]["event"]
    formatter = settings.pop("()")(**settings)
    record = logging.LogRecord("django", logging.WARNING, "", 1, "Not Found: %s", ("/auth/invitations/s3cret",), None)

    assert "s3cret" not in formatter.format(record)
