"""Choice lists of imports."""

from __future__ import annotations

from django.db import models


class ImportSource(models.TextChoices):
    """The entrance a file came through."""

    PAGE = "page", "Page"
    API = "api", "API"
    COMMAND = "command", "Command line"


class DateOrder(models.TextChoices):
    """How dates with slashes are to be read; nobody can tell 3 April from 4 March by looking."""

    AUTO = "auto", "Found out from the file"
    ISO = "iso", "Year first only (2026-11-20)"
    DAY_FIRST = "dmy", "Day first (20/11/2026)"
    MONTH_FIRST = "mdy", "Month first (11/20/2026)"


class ImportQuestion(models.TextChoices):
    """What an import asks before it writes anything."""

    DATE_ORDER = "date_order", "Which of two numbers is the day"
    NEW_ACCOUNTS = "new_accounts", "Whether so many accounts are really new"


class ImportPhase(models.TextChoices):
    """The steps of an import, in order; each commits in pieces and is taken up where it was left."""

    CHECKING = "checking", "Checking rows"
    PREPARING = "preparing", "Writing accounts"
    WRITING = "writing", "Writing rows"
    SETTLING = "settling", "Settling figures"
    CLOSING = "closing", "Finishing"
    DONE = "done", "Done"
