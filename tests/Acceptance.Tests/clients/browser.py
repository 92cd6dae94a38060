"""Drives the classic Notebook in headless Chromium, as a person would; prints each step that it saw.

    browser.py URL FOLDER cells      cells, an interrupt, a restart, and a page that is loaded anew in the middle of a cell
    browser.py URL FOLDER widgets    sliders and progress bars of ipywidgets; says "before" when they have worked, waits for
                                     a line on its input, and looks again

URL is the server's, with its token; FOLDER the one whose notebooks it shows. Exit code 0 when every step went as it should.
"""

import pathlib
import sys

from chromium import Page, chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

INTERRUPT = "jupyter-notebook:interrupt-kernel"
RESTART = "jupyter-notebook:confirm-restart-kernel"


class ClassicPage(Page):
    """A page of the classic Notebook."""

    @staticmethod
    def address(server, name):
        return f"{server.removesuffix('/tree')}/notebooks/{name}.ipynb"

    def ready(self):
        self.until("the notebook and its kernel", lambda: self.driver.execute_script(
            "return !!(window.Jupyter && Jupyter.notebook && Jupyter.notebook._fully_loaded"
            " && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected())"))

    def run(self, *cells):
        self.driver.execute_script("Jupyter.notebook.execute_cells(arguments[0])", list(cells))

    def output(self, cell):
        return self.driver.execute_script(
            "return Jupyter.notebook.get_cell(arguments[0]).element.find('.output_subarea, .widget-subarea').map("
            "function () { return this.innerText; }).get().join('\\n')", cell)

    def prompt(self, cell):
        return str(self.driver.execute_script("return Jupyter.notebook.get_cell(arguments[0]).input_prompt_number", cell))

    def press(self, action):
        self.click(f"button[data-jupyter-action='{action}']")


def cells(driver, url, folder):
    go = folder / "go"
    page = ClassicPage(driver, url, folder, "cells", [
        "print('first', 6 * 7)",
        "import time; print('asleep', flush=True); time.sleep(600)",
        "'x' in globals()",
        "x = 1; print('set')",
        f"import os, time\nfor i in range(50): print('early', i, flush=True)\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)\n"
        "for i in range(50): print('late', i, flush=True)\n'the result'",
    ])
    page.run(0)
    page.shows(0, "first 42")
    page.ended(0)
    print("a cell ran")

    page.run(1)
    page.shows(1, "asleep")
    page.press(INTERRUPT)
    page.shows(1, "KeyboardInterrupt")
    page.ended(1)
    print("a cell was interrupted")

    page.run(3)
    page.shows(3, "set")
    page.press(RESTART)
    page.until("the question whether to restart", lambda: driver.find_elements(By.CSS_SELECTOR, ".modal-footer .btn-danger"))
    page.click(".modal-footer .btn-danger")
    page.until("the kernel to be restarted", lambda: driver.execute_script("return Jupyter.notebook.kernel.is_connected()"))
    page.run(2)
    page.shows(2, "False")
    print("the kernel was restarted")

    page.run(4)
    page.shows(4, "early 49")
    page.open()
    go.touch()
    page.shows(4, "late 49", "the result")
    page.ended(4)
    lines = page.output(4).splitlines()
    expected = [f"early {i}" for i in range(50)] + [f"late {i}" for i in range(50)]
    assert [line for line in lines if line.startswith(("early", "late"))] == expected, lines
    print("the page was loaded anew in the middle of a cell, and its output is complete")


def widgets(driver, url, folder):
    page = ClassicPage(driver, url, folder, "widgets", [
        "import ipywidgets\nfrom IPython.display import display",
        "slider = ipywidgets.IntSlider(value=3, description='n')\nsquare = ipywidgets.Label('9')\n"
        "def changed(change):\n    square.value = f\"square {change['new'] ** 2}\"\n"
        "slider.observe(changed, 'value')\ndisplay(slider, square)",
        "bar = ipywidgets.IntProgress(max=10)\ndisplay(bar)",
        "bar.value += 5\nprint('bar at', bar.value, 'slider at', slider.value)",
    ])

    def slide(value):
        """One step to the right."""
        driver.find_element(By.CSS_SELECTOR, ".ui-slider-handle").send_keys(Keys.ARROW_RIGHT)
        page.shows(1, f"square {value ** 2}")

    page.run(0)
    page.ended(0)
    page.open()  # the widgets' own page looks once for what the kernel has imported
    page.run(1, 2)
    page.until("a slider", lambda: driver.find_elements(By.CSS_SELECTOR, ".widget-slider, .ui-slider, .slider"))
    page.until("a progress bar", lambda: driver.find_elements(By.CSS_SELECTOR, ".progress, .jupyter-widgets.widget-progress"))
    page.ended(2)
    slide(4)
    page.run(3)
    page.shows(3, "bar at 5 slider at 4")
    print("before", flush=True)
    sys.stdin.readline()
    page.run(3)
    page.shows(3, "bar at 10 slider at 4")
    slide(5)
    page.run(3)
    page.shows(3, "slider at 5")
    print("after")


def main():
    url, folder, what = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    with chromium(folder) as driver:
        {"cells": cells, "widgets": widgets}[what](driver, url, folder)


if __name__ == "__main__":
    main()
