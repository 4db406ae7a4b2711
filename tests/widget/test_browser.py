"""The widget in a real browser, before the real chat API (widget/test)."""

import pytest

from tests.widget.conftest import WIDGET, BrowserTest

FILES = sorted(file.name.removesuffix(".test.js") for file in (WIDGET / "test").glob("*.test.js"))


@pytest.mark.parametrize("name", FILES)
def test_in_the_browser(browser_test: BrowserTest, name: str) -> None:
    """Every test of the file holds."""
    browser_test(name)
