"""The WSGI entrance. It refuses to serve while row-level security has a hole."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")

application = get_wsgi_application()

from csplatform.tenancy import require_wall  # noqa: E402  (needs the apps that the line above loads)

require_wall()
