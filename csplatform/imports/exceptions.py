"""Refusals of a whole file: one sentence each, in the words of whoever uploaded it."""

from __future__ import annotations

from http import HTTPStatus

from csplatform.exceptions import DomainError


class UnreadableFile(DomainError):
    """The file cannot be read as rows at all, so nothing of it is imported."""

    code = "unreadable_file"
    status = HTTPStatus.BAD_REQUEST


class FileTooLarge(DomainError):
    """The file is over the installation's size limit."""

    code = "file_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UndoRefused(DomainError):
    """Something newer depends on the rows of an import, so they stay."""

    code = "undo_refused"

    def __init__(self, what: str) -> None:
        super().__init__(f"This import can't be undone any more. {what}")
