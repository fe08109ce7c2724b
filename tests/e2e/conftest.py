"""A real site with the demo in it, and browsers that write down whatever goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from tests.processes import Installation, Server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 800}
LEAKED_WORDS = re.compile(r"\b(undefined|NaN|None|Infinity|\[object Object\])\b")
PASSWORD = "demo-password"


@pytest.fixture(scope="session")
def site(new_installation: Callable[[], Installation]) -> Iterator[Server]:
    """`manage.py serve` with a small demo, for all journeys together."""
    installation = new_installation()
    installation.manage("seed_demo", "--accounts", "60", "--days", "120")
    with installation.serving() as server:
        server.wait_until_ready()
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.fail(f"The browser tests need Chromium: none of {', '.join(CHROMIUM_NAMES)} is installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass  # without slots: Playwright keeps its wrappers of bound methods on the object
class Visitor:
    """One person's browser tab; `problems` is all that a person would not see and a developer should."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    """Statuses of 400 and above that the journey is about."""

    def watch(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))
        self.page.on("requestfailed", lambda request: self._note_failure(request.url, request.failure or ""))
        self.page.on("response", self._note_response)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        return self.page

    def sign_in(self, name: str) -> Page:
        self.open("/auth/login/")
        self.page.get_by_label("Email").fill(f"{name}@demo.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/dashboard**")
        return self.page

    def sidebar(self) -> list[str]:
        links = self.page.locator("#sidebar nav a")
        return [link.get_attribute("href") or "" for link in links.all()]

    def check_page(self) -> None:
        """What holds on every page, whatever it shows."""
        where = self.page.url
        text = self.page.locator("body").inner_text()
        leaked = LEAKED_WORDS.search(text)
        assert leaked is None, f"{where} shows {text[max(0, leaked.start() - 60) : leaked.end() + 20]!r}"
        assert self.page.locator("h1").count() == 1, f"{where} has no single h1"
        width = self.page.evaluate("document.documentElement.scrollWidth")
        seen = self.page.evaluate("document.documentElement.clientWidth")
        assert width <= seen, f"{where} scrolls sideways: {width} px on {seen}"

    def _note_console(self, message: ConsoleMessage) -> None:
        # Statuses are judged where responses are; the console only repeats them.
        if message.type in ("error", "warning") and "the server responded with a status" not in message.text:
            self.problems.append(f"{self.page.url}: {message.text}")

    def _note_failure(self, url: str, reason: str) -> None:
        if reason != "net::ERR_ABORTED":  # a request that the next page made pointless
            self.problems.append(f"{url} failed: {reason}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.url} answered {response.status}")


@pytest.fixture
def visit(browser: Browser, site: Server) -> Iterator[Callable[..., Visitor]]:
    """Open browsers; at the end of the test none of them may have had a problem."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def open_browser(*, phone: bool = False, dark: bool = False, script: bool = True) -> Visitor:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale="en-IN",
            timezone_id="Asia/Kolkata",
        )
        context.set_default_timeout(20_000)
        visitor = Visitor(page=context.new_page(), url=site.url)
        visitor.watch()
        contexts.append(context)
        visitors.append(visitor)
        return visitor

    yield open_browser
    for context in contexts:
        context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []
