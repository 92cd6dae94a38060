"""What the notebook has set with ``%gpu`` for the cells that follow: it is the kernel's, not the process's."""

from typing import Any, Dict


def read_cell_default(shell: Any) -> Dict[str, Any]:
    """Empty where nothing is set, or nothing can be."""
    magics = shell.magics_manager.registry.get("GpuMagics")
    return {} if magics is None else magics.default


def write_cell_default(shell: Any, default: Dict[str, Any]) -> None:
    shell.magics_manager.registry["GpuMagics"].default = default
