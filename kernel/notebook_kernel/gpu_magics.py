"""``%gpu`` and ``%%gpu``: what cells get, said in the notebook.

GPUs are leased before a cell starts. So ``%%gpu`` is read by the gateway, and here its line is only taken away: the cell is
then the code below it, with its own line numbers, ``await`` and magics. ``%gpu`` is run here; what it sets is part of the
kernel's state, and goes to the scheduler with the cell's end.
"""

from typing import Any, Dict, List, Optional

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .cell_request import in_words, parse

_LINE, _CELL = "%gpu", "%%gpu"


@magics_class
class GpuMagics(Magics):
    """One for each shell: ``state.cell_default`` finds it there."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.default: Dict[str, Any] = {}  # what the cells that follow get; empty: what the kernel was started with
        self.devices: Optional[List[int]] = None  # of the running cell: indices on its server
        self.cell = ""  # the code of the running cell, as it came

    @line_cell_magic
    def gpu(self, line: str, cell: Optional[str] = None) -> None:
        """GPUs for the cells of this notebook.

        As the first line of a cell, for this cell alone::

            %%gpu N [--vram GB] [--cpus MILLICPUS] [--memory MB]

        On a line of its own, for the cells that follow, until the kernel is restarted::

            %gpu N [--vram GB] [--cpus MILLICPUS] [--memory MB]
            %gpu default     what the kernel was started with
            %gpu             what is set, and which GPUs this cell has

        N is a number of whole GPUs, 0 for none. Inside a cell its GPUs are numbered from 0. ``--vram`` is GPU memory over
        all of them, ``--cpus`` is in thousandths of a core.
        """
        try:
            if cell is not None:
                parse(line, _CELL)
                raise ValueError(f"{_CELL} must be the first line of a cell, since GPUs are leased before it starts; "
                                 f"{_LINE} sets what the cells that follow get")
            self._set(line.strip())
        except ValueError as e:
            raise UsageError(str(e)) from None

    def without_request(self, lines: List[str]) -> List[str]:
        """Input transformer: the running cell without its ``%%gpu``. A comment stands in its place, so that what is below
        keeps its line numbers; but where that is another cell magic, it has to come first."""
        if "".join(lines).rstrip("\n") != self.cell.rstrip("\n"):
            return lines  # code that the cell itself runs, which comes too late
        first = next((i for i, line in enumerate(lines) if line.strip()), None)
        if first is None:
            return lines
        name, _, arguments = lines[first].strip(" \t").rstrip().partition(" ")
        if name != _CELL:
            return lines
        try:
            parse(arguments, _CELL)
        except ValueError:
            return lines  # the magic itself says what is wrong
        body = lines[first + 1:]
        if next((line for line in body if line.strip()), "").lstrip().startswith("%%"):
            return body
        return [lines[first].replace(_CELL, "# " + _CELL, 1), *body]

    def _set(self, arguments: str) -> None:
        if arguments == "default":
            self.default = {}
        elif arguments:
            self.default = parse(arguments, _LINE)
        print(f"Cells of this notebook get {self._what_cells_get()}, unless they say otherwise.")
        if not arguments:
            print(self._what_this_cell_has())

    def _what_cells_get(self) -> str:
        return in_words(self.default) if self.default else "what the kernel was started with"

    def _what_this_cell_has(self) -> str:
        if not self.devices:
            return "This cell has no GPU."
        named = ", ".join(f"{i} (GPU {device} of the server)" for i, device in enumerate(self.devices))
        return f"This cell has {in_words(dict(gpus=len(self.devices), vram=0, cpus=0, memory=0))}: {named}."
