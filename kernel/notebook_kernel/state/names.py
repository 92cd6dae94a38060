"""Which global names a piece of code reads, writes or deletes, and which modules it imports.

Attribute names are told apart from global names by the instruction that uses them, so that ``model.eval()`` is not
taken for a call of ``eval`` and ``x.data`` not for a use of the global ``data``.
"""

import dis
import re
import sys
import weakref
from types import CodeType
from typing import Dict, FrozenSet, Iterator, NamedTuple, Set, Tuple

# Code that uses one of these may reach any name: what it touches cannot be read off it.
REACHES_ALL = frozenset({"exec", "eval", "globals", "locals", "vars", "__main__"})
REACHES_ALL_ATTRIBUTES = frozenset({"user_ns", "user_global_ns", "user_module", "_getframe", "currentframe", "f_globals",
                                    "f_locals", "get_objects", "get_referrers", "__globals__", "run_cell", "ex",
                                    "ev", "run_cell_async"})
MAGICS = frozenset({"run_line_magic", "run_cell_magic", "magic"})
# Magics that run code which is not in their arguments.
MAGICS_REACHING_ALL = frozenset({"run", "rerun", "recall", "rep", "load", "macro", "edit", "pastebin", "autoreload"})
_WORD = re.compile(r"[^\W\d]\w*")
_GLOBAL_OPS = frozenset({"LOAD_NAME", "STORE_NAME", "DELETE_NAME", "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL",
                         "LOAD_FROM_DICT_OR_GLOBALS"})
_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0  # LOAD_GLOBAL's lowest bit says whether it is for a call


class CodeNames(NamedTuple):
    """What a code object, with all code inside it, mentions."""

    names: FrozenSet[str]
    imports: FrozenSet[Tuple[str, int]]  # module, level
    reaches_all: bool


class NameCache:
    """Reads each code object once."""

    def __init__(self) -> None:
        self._by_address: Dict[int, Tuple["weakref.ref[CodeType]", CodeNames]] = {}

    def of(self, code: CodeType) -> CodeNames:
        """The names of the code and of all code in it."""
        key = id(code)
        found = self._by_address.get(key)
        if found is not None and found[0]() is code:
            return found[1]
        names = read_names(code)
        self._by_address[key] = (weakref.ref(code, lambda _: self._by_address.pop(key, None)), names)
        return names


def read_names(code: CodeType) -> CodeNames:
    """Reads them off the instructions."""
    names: Set[str] = set()
    attributes: Set[str] = set()
    imports: Set[Tuple[str, int]] = set()
    texts: Set[str] = set()
    pending = [code]
    while pending:
        part = pending.pop()
        level = 0
        last_constants = [0, 0]
        for operation, argument in _instructions(part.co_code):
            if operation == "LOAD_CONST":
                last_constants = [last_constants[1], argument]
            elif operation == "LOAD_SMALL_INT":
                last_constants = [-1 - argument, last_constants[1]]
            elif operation in _GLOBAL_OPS:
                shift = _GLOBAL_SHIFT if operation == "LOAD_GLOBAL" else 0
                names.add(part.co_names[argument >> shift])
            elif operation == "IMPORT_NAME":
                first = last_constants[0]
                level = -1 - first if first < 0 else part.co_consts[first]
                imports.add((part.co_names[argument], level if isinstance(level, int) else 0))
        attributes.update(part.co_names)
        for constant in part.co_consts:
            if isinstance(constant, CodeType):
                pending.append(constant)
            elif isinstance(constant, str):
                texts.add(constant)
    reaches_all = bool(names & REACHES_ALL or attributes & REACHES_ALL_ATTRIBUTES or "__main__" in texts)
    if attributes & MAGICS or "getattr" in names or "setattr" in names:
        for text in texts:
            names.update(_WORD.findall(text))
        reaches_all = reaches_all or bool(attributes & MAGICS and texts & MAGICS_REACHING_ALL)
        # The argument of a magic is code, and may do what code does.
        reaches_all = reaches_all or bool(attributes & MAGICS and names & (REACHES_ALL - {"eval"}))
    if any(name == "__main__" for name, _ in imports):
        reaches_all = True
    return CodeNames(frozenset(names), frozenset(imports), reaches_all)


def _instructions(code: bytes) -> Iterator[Tuple[str, int]]:
    extended = 0
    names = dis.opname
    for offset in range(0, len(code), 2):
        operation = names[code[offset]]
        argument = code[offset + 1] | extended
        if operation == "EXTENDED_ARG":
            extended = argument << 8
            continue
        extended = 0
        yield operation, argument
