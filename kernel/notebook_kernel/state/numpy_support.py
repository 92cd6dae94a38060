"""numpy's arrays: memory beside the stream, and views that stay views.

Plain pickling makes of a view a copy, so that after a move ``b = a[::2]; b[:] = 0`` would no longer change ``a``. It
also makes arrays that do not own their memory and cannot be resized.
"""

import sys
from typing import Any

from .blocks import THRESHOLD
from .pickling import REDUCERS, GroupPickler, by_name, no_owner

_WRITEABLE = 0x0400  # NPY_ARRAY_WRITEABLE


def install() -> bool:
    """Once numpy is imported: by the user, never by us."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return False
    REDUCERS[numpy.ndarray] = reduce_array
    for code in numpy.typecodes["All"]:
        REDUCERS[type(numpy.dtype(code))] = reduce_dtype
    no_owner(numpy.dtype, *{type(numpy.dtype(c)) for c in numpy.typecodes["All"]}, *numpy.sctypeDict.values())
    return True


def reduce_dtype(pickler: GroupPickler, dtype: Any) -> Any:
    """numpy's own types are one object each, and stay so."""
    return (type(dtype).__mro__[1], (dtype.str,)) if dtype.isbuiltin == 1 else NotImplemented


def reduce_array(pickler: GroupPickler, array: Any) -> Any:
    """Of an array that is not of a subclass."""
    named = by_name(array, type(array))
    if named is not None:
        return named
    import numpy

    base = array.base
    # Three references are the array's, ours and the call's: nobody else can see the base, so it need not travel.
    if type(base) is numpy.ndarray and base.base is None and sys.getrefcount(base) > 3 and _fits(array, base):
        offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        return array_view, (base, array.dtype, array.shape, array.strides, offset, _is_writeable(array))
    if array.dtype.hasobject:
        return NotImplemented
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = array.copy()
        pickler.keep.append(array)
    order = "C" if array.flags.c_contiguous else "F"
    if array.nbytes < THRESHOLD:
        content: Any = array.tobytes(order)
    else:
        flat = array.reshape(-1, order=order).view(numpy.uint8)
        content = pickler.add_memory(memoryview(flat).toreadonly())
    return new_array, (content, array.dtype, array.shape, order, _is_writeable(array))


def _is_writeable(array: Any) -> bool:
    return bool(array.flags.num & _WRITEABLE)  # asked by name, arrays from ``broadcast_arrays`` warn the user, who has not asked


def _fits(array: Any, base: Any) -> bool:
    first, last = sys.modules["numpy"].byte_bounds(array) if hasattr(sys.modules["numpy"], "byte_bounds") else \
        sys.modules["numpy"].lib.array_utils.byte_bounds(array)
    start = base.__array_interface__["data"][0]
    return bool((base.flags.c_contiguous or base.flags.f_contiguous) and first >= start and last <= start + base.nbytes)


def new_array(content: Any, dtype: Any, shape: Any, order: str, writeable: bool, read_into: Any = None) -> Any:
    """An array that owns its memory. The loader calls it with what fills the memory of a slot."""
    import numpy

    array = numpy.empty(shape, dtype, order)
    flat = array.reshape(-1, order=order).view(numpy.uint8) if array.size and array.dtype.itemsize else None
    if flat is not None:
        if isinstance(content, int):
            read_into(content, memoryview(flat))
        else:
            memoryview(flat)[:] = content
    if not writeable:
        array.flags.writeable = False
    return array


def array_view(base: Any, dtype: Any, shape: Any, strides: Any, offset: int, writeable: bool) -> Any:
    """A view of a base."""
    import numpy

    if dtype.hasobject:
        array = numpy.lib.stride_tricks.as_strided(base.reshape(-1)[offset // dtype.itemsize:], shape, strides)
    else:
        array = numpy.ndarray(shape, dtype, base.reshape(-1, order="A").view(numpy.uint8), offset, strides)
    if not writeable:
        array.flags.writeable = False
    return array


