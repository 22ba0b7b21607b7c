"""A real Chromium that reports whatever a page does wrong."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "correct horse battery"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_LOCALES = {"fr": "fr-FR", "en": "en-GB"}
# What passes is counted and not described, which takes most of the time.
_ONLY_FAULTS = {"resultTypes": ["violations"]}
# Reported to the page itself, so that none is lost between two looks at the console.
_WATCH = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation",
    (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium on this machine: none of {', '.join(_NAMES)}")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # Playwright keeps an event loop in this thread; the tests' own queries, made
        # between its calls, block nobody but the test.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        player = stack.enter_context(sync_playwright())
        browser = player.chromium.launch(executable_path=found, args=_FLAGS)
        stack.callback(browser.close)
        yield browser


@dataclass
class Visit:
    """One person's browser window on the running site."""

    page: Page
    address: str
    language: str
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, email: str, *, path: str = "/") -> None:
        """Go to `path` as a stranger and come back to it by the real form."""
        self.go(path)
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/accounts/" not in url)

    def faults(self, *widths: int) -> list[str]:
        """Say what is wrong with the page as it stands, at each of `widths`."""
        found = list(self.said)
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [f"{fault} ({width} wide)" for fault in self._faults_inside()]
        if self.page.locator("html").get_attribute("lang") != self.language:
            found.append(f"the page is not in {self.language}")
        self.said.clear()
        return [f"{self.page.url}: {fault}" for fault in found]

    def _faults_inside(self) -> list[str]:
        found = [f"refused {each}" for each in self.page.evaluate("window.refused")]
        wide = self.page.locator("html").evaluate(
            "page => page.scrollWidth - page.clientWidth"
        )
        if wide > 0:
            found.append(f"{wide} pixels wider than the window")
        for rule in Axe().run(self.page, options=_ONLY_FAULTS).response["violations"]:
            places = [node["target"] for node in rule["nodes"]]
            found.append(f"{rule['id']}: {rule['help']} at {places}")
        return found


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """Open windows: `visit("fr", 390)`; further words go to the browser's context."""
    with ExitStack() as stack:

        def opened(language: str = "en", width: int = 1400, **context: Any) -> Visit:
            window = chromium.new_context(
                viewport={"width": width, "height": 900},
                locale=_LOCALES[language],
                **context,
            )
            stack.callback(window.close)
            window.add_init_script(_WATCH)
            page = window.new_page()
            found = Visit(page, live_server.url, language)
            page.on(
                "console",
                lambda message: (
                    found.said.append(message.text)
                    if message.type in {"error", "warning"}
                    else None
                ),
            )
            page.on("pageerror", lambda error: found.said.append(str(error)))
            return found

        yield opened


@pytest.fixture(autouse=True)
def _limits_forget(settings: Any) -> None:
    """Every test signs in: the limits on sign-ins must not add up over them."""
    settings.ACCOUNT_RATE_LIMITS = False
