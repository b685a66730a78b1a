"""A real browser in front of the console: Chromium without a window, driven as a person would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")
MISSING = not (DRIVER and BROWSER)
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage",
)  # fmt: skip
#: A page may take this long on a machine that does other work, too.
PATIENCE_S = 60


@contextmanager
def chromium(profile: Path, *, width: int = 1280, height: int = 900) -> Iterator[Any]:
    """Open a browser with a fresh profile that asks for Vietnamese; its process is gone at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": "vi"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.set_page_load_timeout(PATIENCE_S)
    try:
        yield driver
    finally:
        driver.quit()


def look(
    driver: Any, *, dark: bool = False, width: int = 1280, height: int = 900, zoom: float = 1
) -> None:
    """Set the window's inner size, the colour scheme and the zoom, as a person's settings do."""
    theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme]})
    # Zoomed in, a window has fewer of the page's own pixels, each of which is larger.
    size = {
        "width": int(width / zoom), "height": int(height / zoom), "deviceScaleFactor": zoom,
        "mobile": False,
    }  # fmt: skip
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def sign_in(driver: Any, url: str, name: str, password: str) -> None:
    """Fill in the form at the entrance and wait for the first page."""
    driver.get(f"{url}/console/")
    enter(driver, "name", name)
    enter(driver, "password", password)
    find(driver, "main button.primary").click()
    wait_until(driver, lambda: driver.find_elements("css selector", "details.account"))


def enter(driver: Any, field: str, text: str) -> None:
    """Type into a field of a form."""
    box = find(driver, f'[name="{field}"]')
    box.clear()
    box.send_keys(text)


def find(driver: Any, selector: str) -> Any:
    """Return the first element of a CSS selector, as soon as it is there."""
    return wait_until(driver, lambda: driver.find_elements("css selector", selector))[0]


def click(driver: Any, selector: str) -> None:
    """Click on an element, as soon as it is there."""

    def clicked() -> bool:
        find(driver, selector).click()
        return True

    wait_until(driver, clicked)


def wait_until(driver: Any, true: Any) -> Any:
    """Wait until something is true, and return it; a page that changes under one's eyes is looked at again."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    changed = [StaleElementReferenceException]
    return WebDriverWait(driver, PATIENCE_S, 0.2, ignored_exceptions=changed).until(
        lambda _: true()
    )


def complaints(driver: Any) -> list[str]:
    """Return what the browser's console says is wrong: a violated content policy, a failed script."""
    return [row["message"] for row in driver.get_log("browser") if row["level"] == "SEVERE"]
