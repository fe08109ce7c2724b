"""A language model's provider: a real HTTP server that speaks OpenAI's protocol and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Rows = list[dict[str, Any]]
Script = Callable[["Asked"], "Reply"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in: the facts by what they are, and the whole request."""

    facts: Rows
    body: dict[str, Any]

    def fact(self, what: str) -> dict[str, Any]:
        return next(row for row in self.facts if row["what"] == what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of 200 with some content, or another status; `pause` before it, `raw` instead of everything."""

    content: Any = None
    status: int = 200
    refusal: str | None = None
    finish: str = "stop"
    pause: float = 0
    raw: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Provider:
    script: Script
    asked: list[Asked] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def provider(script: Script) -> Iterator[Provider]:
    """Serve for as long as the block lasts."""
    kept = Provider(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(json.loads(body["messages"][1]["content"])["facts"], body)
            kept.asked.append(asked)
            kept.keys.append(self.headers["Authorization"])
            reply = kept.script(asked)
            time.sleep(reply.pause)
            text = reply.raw if reply.raw is not None else json.dumps(_completion(reply))
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            try:
                self.wfile.write(text.encode())
            except OSError:  # whoever asked has hung up
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


def _completion(reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": "as it was told", "type": "server_error"}}
    content = reply.content if isinstance(reply.content, str | None) else json.dumps(reply.content)
    message = {"role": "assistant", "content": content, "refusal": reply.refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stand-in",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": {"prompt_tokens": 700, "completion_tokens": 100, "total_tokens": 800},
    }
