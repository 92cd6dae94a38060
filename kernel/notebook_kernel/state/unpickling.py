"""Reads the pickles of groups. What cannot be found here becomes a placeholder and costs nothing else."""

import io
import pickle
from typing import Any, Callable, Dict, Iterator

from . import numpy_support, stubs
from .lost import Lost, describe, missing_class

ReadInto = Callable[[int, memoryview], None]


class GroupUnpickler(pickle.Unpickler):
    """One group. Definitions come from the book, large memory from a callback that fills a slot's content in."""

    def __init__(self, payload: Any, definition_of: Callable[[int], Any], read_into: ReadInto, sizes: Any,
                 origin: str) -> None:
        self._origin = origin
        # None of these may hold the unpickler: in a circle of references its memo would outlive the loading.
        self._own: Dict[Callable[..., Any], Callable[..., Any]] = {
            stubs.definition: definition_of,
            stubs.module: lambda name: _module(name, origin),
            numpy_support.new_array: lambda *arguments: numpy_support.new_array(*arguments, read_into=read_into),
        }
        super().__init__(io.BytesIO(payload), buffers=_buffers(sizes, read_into))

    def find_class(self, module: str, name: str) -> Any:
        """Imports by name."""
        try:
            found = super().find_class(module, name)
        except BaseException as e:  # the import of a user's module may raise anything
            return missing_class(module, name, f"cannot import {module}.{name} here: {e}", self._origin)
        return self._own.get(found, found) if module.startswith(__package__) else found


def _module(name: str, origin: str) -> Any:
    made = stubs.module(name)
    if isinstance(made, Lost):
        what, reason, _ = describe(made)
        return Lost(what, reason, origin)
    return made


def _buffers(sizes: Any, read_into: ReadInto) -> Iterator[bytearray]:
    # Slots of arrays are filled by their own reduction; the others are asked for in order.
    for slot, (size, in_order) in enumerate(sizes):
        if in_order:
            content = bytearray(size)
            read_into(slot, memoryview(content))
            yield content
