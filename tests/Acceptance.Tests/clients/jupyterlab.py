"""Drives JupyterLab 4 in headless Chromium, as a person would; prints each step that it saw.

    jupyterlab.py URL FOLDER cells     the first cell of a fresh page, an interrupt, a restart, and a page that is loaded anew in
                                       the middle of a cell
    jupyterlab.py URL FOLDER first     the first cell of a fresh page, and no more

URL is the server's, with its token; FOLDER the one whose notebooks it shows. Exit code 0 when every step went as it should.
"""

import pathlib
import sys

from chromium import Page, chromium

# The notebook of the page's address, once it is in front, and its cells.
PANEL = """
const front = window.jupyterapp && jupyterapp.shell.currentWidget;
const panel = front && front.context && location.pathname.endsWith('/' + front.context.path) ? front : null;
const cells = panel && panel.content.widgets;
"""
# Presses Run as soon as the page has its notebook and knows its kernel, and says when the result was there, in ms from the page's start.
FIRST = """
const done = arguments[0];
let asked = 0;
(function look() {
""" + PANEL + """
  const kernel = panel && panel.sessionContext.session && panel.sessionContext.session.kernel;
  if (!asked && kernel && cells && cells.length) {
    asked = performance.now();
    panel.content.activeCellIndex = 0;
    jupyterapp.commands.execute('notebook:run-cell');
  }
  if (asked && cells[0].outputArea.node.innerText.includes('first 42')) return done([asked, performance.now()]);
  setTimeout(look, 5);
})();
"""


class LabPage(Page):
    """A page of JupyterLab."""

    @staticmethod
    def address(server, name):
        return f"{server}/tree/{name}.ipynb"

    def ready(self):
        self.until("the notebook and its kernel", lambda: self.ask(
            "return !!(cells && cells.length && panel.sessionContext.session && panel.sessionContext.session.kernel"
            " && panel.sessionContext.session.kernel.connectionStatus === 'connected')"))

    def ask(self, script, *arguments):
        return self.driver.execute_script(PANEL + script, *arguments)

    def run(self, cell):
        self.ask("panel.content.activeCellIndex = arguments[0]; jupyterapp.commands.execute('notebook:run-cell')", cell)

    def output(self, cell):
        return self.ask("return cells[arguments[0]].outputArea.node.innerText", cell)

    def prompt(self, cell):
        return self.ask("return cells[arguments[0]].node.querySelector('.jp-InputPrompt').innerText", cell).strip("[]: ")

    def press(self, command):
        self.driver.find_element("css selector", f".jp-NotebookPanel:not(.lm-mod-hidden) [data-command='{command}']").click()


def first(driver, url, folder):
    """The first cell of a fresh page, run as soon as there is anything to press."""
    page = LabPage.__new__(LabPage)
    page.open = lambda: driver.get(page._address)
    page.__init__(driver, url, folder, "first", ["print('first', 6 * 7)"])
    driver.set_script_timeout(90)
    asked, shown = driver.execute_async_script(FIRST)
    print(f"a fresh page ran its first cell: pressed after {asked:.0f} ms, its result after {shown - asked:.0f} ms more")


def cells(driver, url, folder):
    first(driver, url, folder)
    go = folder / "go"
    page = LabPage(driver, url, folder, "cells", [
        "print('a cell', 6 * 7)",
        "import time; print('asleep', flush=True); time.sleep(600)",
        "'x' in globals()",
        "x = 1; print('set')",
        f"import os, time\nfor i in range(50): print('early', i, flush=True)\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)\n"
        "for i in range(50): print('late', i, flush=True)\nanswer = input('how many? ')\nprint('so', answer)\n'the result'",
    ])
    page.run(0)
    page.shows(0, "a cell 42")
    page.ended(0)
    print("a cell ran")

    page.run(1)
    page.shows(1, "asleep")
    page.press("notebook:interrupt-kernel")
    page.shows(1, "KeyboardInterrupt")
    page.ended(1)
    print("a cell was interrupted")

    page.run(3)
    page.shows(3, "set")
    page.press("notebook:restart-kernel")
    page.until("the question whether to restart", lambda: driver.find_elements("css selector", ".jp-Dialog .jp-mod-warn"))
    page.click(".jp-Dialog .jp-mod-warn")
    page.until("the question to go", lambda: not driver.find_elements("css selector", ".jp-Dialog"))
    page.run(2)
    page.shows(2, "False")
    page.ended(2)
    print("the kernel was restarted")

    page.run(4)
    page.shows(4, "early 49")
    page.open()
    page.shows(4, "early 49")
    go.touch()
    page.shows(4, "late 49", "how many?")
    question = driver.find_element("css selector", ".jp-Stdin-input")
    question.send_keys("three\n")
    page.shows(4, "so three", "the result")
    page.ended(4)
    expected = [f"early {i}" for i in range(50)] + [f"late {i}" for i in range(50)]
    lines = page.output(4).splitlines()
    assert [line for line in lines if line.startswith(("early", "late"))] == expected, lines
    print("the page was loaded anew in the middle of a cell, its output is complete and its question was answered")

    page.open()
    page.shows(4, "late 49", "the result")
    assert [line for line in page.output(4).splitlines() if line.startswith(("early", "late"))] == expected
    page.shows(0, "a cell 42")
    print("the page was loaded anew after that, unsaved, and shows the same")


def main():
    url, folder, what = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    with chromium(folder) as driver:
        {"cells": cells, "first": first}[what](driver, url, folder)


if __name__ == "__main__":
    main()
