"""Write a `.env` for this machine where there is none: DEBUG and a random SECRET_KEY."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

target = Path(__file__).resolve().parent.parent / ".env"
if not target.exists():
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"DEBUG=true\nSECRET_KEY={secrets.token_urlsafe(50)}\n")
    print("Wrote .env with DEBUG=true and a random SECRET_KEY.")
