"""Refusals that the domain makes; pages turn them into messages, the API into the one error shape."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the product says no. `message` is a sentence for the person, `code` is for the log."""

    code = "refused"
    status = 409
    message = "This can't be done."

    def __init__(self, message: str | None = None, *, errors: dict[str, list[str]] | None = None) -> None:
        self.message = message or self.message
        self.errors = errors
        super().__init__(self.message)


class InvalidInput(DomainError):
    """What came in does not validate; `errors` names the fields."""

    code = "invalid"
    status = 400
