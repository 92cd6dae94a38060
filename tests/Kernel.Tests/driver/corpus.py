"""Reads cases: small notebooks in text files.

    ### a name of the case
    first cell
    # %%
    second cell
    # --- from here on the standby goes on alone
    third cell

A line ``# lost NAME...`` says which names cannot be copied: they are left out of the comparison.
``# fails NAME...`` leaves names out that only a standby finds it cannot make. ``# prints TEXT`` says what
the cells after the change of executor print where that is not what a plain IPython prints.

    corpus.py FOLDER    prints each case as a line of JSON, for readers in other languages
"""

import importlib.util
import json
import os
import sys
from typing import List, NamedTuple, Tuple


OPTIONAL = ("numpy", "pandas", "matplotlib", "torch")


class Case(NamedTuple):
    name: str
    before: List[str]
    after: List[str]
    lost: Tuple[str, ...]
    fails: Tuple[str, ...]
    prints: List[str]

    @property
    def needs(self) -> List[str]:
        """What it imports that may not be installed."""
        return [word for word in OPTIONAL if f"import {word}" in self.before[0]]

    @property
    def can_run(self) -> bool:
        """Whether all that is installed."""
        return all(importlib.util.find_spec(name) for name in self.needs)


def read(folder: str) -> List[Case]:
    cases = []
    for file in sorted(os.listdir(folder)):
        if file.endswith(".txt"):
            with open(os.path.join(folder, file), encoding="utf-8") as text:
                cases += _read_file(file[:-4], text.read())
    return cases


def _read_file(category: str, text: str) -> List[Case]:
    return [_read_case(category, block) for block in ("\n" + text).split("\n### ")[1:]]


def _read_case(category: str, block: str) -> Case:
    name, _, body = block.partition("\n")
    cells: List[List[str]] = [[]]
    after_from = None
    lost: Tuple[str, ...] = ()
    fails: Tuple[str, ...] = ()
    prints: List[str] = []
    for line in body.split("\n"):
        if line.startswith("# lost "):
            lost += tuple(line.split()[2:])
        elif line.startswith("# fails "):
            fails += tuple(line.split()[2:])
        elif line.startswith("# prints "):
            prints.append(line[len("# prints "):])
        elif line.startswith("# %%") or line.startswith("# ---"):
            cells.append([])
            if line.startswith("# ---"):
                after_from = len(cells) - 1
        else:
            cells[-1].append(line)
    texts = ["\n".join(cell).strip("\n") for cell in cells]
    split = len(texts) if after_from is None else after_from
    return Case(f"{category}: {name}", texts[:split], texts[split:], lost, fails, prints)


if __name__ == "__main__":
    for case in read(sys.argv[1]):
        print(json.dumps({**case._asdict(), "needs": case.needs, "can_run": case.can_run}))
