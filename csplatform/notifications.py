"""The kinds of news there are: rooms register theirs; people choose for each how they hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from csplatform.enums import NotificationChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationKind:
    """One kind of news."""

    name: str
    label: str
    """As in the settings: `An account becomes yours`."""
    icon: str = "bell"
    usual: NotificationChannel = NotificationChannel.IN_APP
    """Quiet: mail is for who asks for it."""


_KINDS: dict[str, NotificationKind] = {}


def register_notification(kind: NotificationKind) -> None:
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Two kinds of news are called {kind.name!r}.")


def notification_kinds() -> dict[str, NotificationKind]:
    return dict(_KINDS)


def register_own() -> None:
    """The platform's own; called once, when it is ready."""
    for kind in (
        NotificationKind(name="job_finished", label="Work you asked for has ended", icon="checkbox"),
        NotificationKind(name="import_finished", label="An import of yours has ended", icon="database-import"),
        NotificationKind(name="export_ready", label="An export of everything is ready", icon="download"),
        NotificationKind(
            name="webhook_disabled",
            label="A webhook is switched off",
            icon="alert-triangle",
            usual=NotificationChannel.EMAIL,
        ),
        NotificationKind(
            name="organization_deletion",
            label="The organisation is to be deleted",
            icon="alert-triangle",
            usual=NotificationChannel.EMAIL,
        ),
    ):
        register_notification(kind)
