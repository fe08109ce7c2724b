"""Reading query parameters: what does not validate is 400 and names the parameter."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def read_query(request: Request, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
    """Validate `request.query_params`; unknown parameters are ignored, empty ones count as not given."""
    given = {name: value for name, value in request.query_params.items() if value != ""}
    serializer = serializer_class(data=given)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
