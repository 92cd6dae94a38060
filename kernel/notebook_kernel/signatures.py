"""What ipykernel asks of the kernel's class with each cell, asked once."""

import functools

from ipykernel import ipkernel, kernelbase


def remember_signatures() -> None:
    """ipykernel 6 looks at the signature of ``do_execute`` twice for each cell, to see whether it takes the cell's id."""
    look = getattr(kernelbase, "_accepts_cell_id", None)
    if look is None:  # a version that remembers it by itself
        return
    remembered = functools.lru_cache(maxsize=None)(look)  # of the methods of one kernel
    for module in (kernelbase, ipkernel):
        if hasattr(module, "_accepts_cell_id"):
            module._accepts_cell_id = remembered
