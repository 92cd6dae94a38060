"""A notebook's page in headless Chromium, whoever draws it."""

import contextlib
import sys
import tempfile

import nbformat
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 90
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


class Page:
    """A notebook's page. Who derives from it says where it is (``address``) and what a cell shows (``output``)."""

    def __init__(self, driver, url, folder, name, cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata=KERNEL)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        address, _, query = url.partition("?")
        self.driver, self._address = driver, f"{self.address(address.rstrip('/'), name)}?{query}"
        self.open()

    def open(self):
        self.driver.get(self._address)
        self.ready()

    def click(self, selector):
        self.driver.execute_script("arguments[0].click()", self.driver.find_element("css selector", selector))

    def shows(self, cell, *texts):
        self.until(f"cell {cell} to show {texts}", lambda: all(text in self.output(cell) for text in texts),
                   lambda: f"it shows {self.output(cell)[-2000:]!r}")

    def ended(self, cell):
        self.until(f"cell {cell} to end", lambda: self.prompt(cell).isdigit(), lambda: f"its prompt is {self.prompt(cell)}")

    def until(self, what, condition, found=lambda: ""):
        def look(_):
            try:
                return condition()
            except StaleElementReferenceException:
                return False

        try:
            WebDriverWait(self.driver, SECONDS, poll_frequency=0.1).until(look)
        except TimeoutException:
            raise AssertionError(f"waited {SECONDS} s for {what}; {found()}") from None


@contextlib.contextmanager
def chromium(folder):
    """A browser with a profile of its own; what a failed step leaves to see lies in the folder."""
    options = webdriver.ChromeOptions()
    with tempfile.TemporaryDirectory() as profile:
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--window-size=1400,1200"):
            options.add_argument(argument)
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            yield driver
        except AssertionError as problem:
            driver.save_screenshot(str(folder / "page.png"))
            print(f"{problem}\nthe browser said {driver.get_log('browser')[-20:]}", file=sys.stderr)
            sys.exit(1)
        finally:
            driver.quit()
