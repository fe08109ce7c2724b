"""JSON in, with numbers as Decimal: a float never touches money."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class DecimalJSONParser(JSONParser):
    """Reads UTF-8 JSON strictly: no NaN, no infinities, no half sentences about why."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = codecs.getreader("utf-8")(stream).read()
            if not text.strip():
                return {}
            return json.loads(text, parse_float=Decimal, parse_constant=_no_such_number)
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error


def _no_such_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")
