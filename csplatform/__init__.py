"""The project and the platform under every domain; importing it sets Celery up, or tasks would look for AMQP."""

from __future__ import annotations

from csplatform.celery import app as celery_app

__all__ = ["celery_app"]
