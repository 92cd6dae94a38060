"""What the notebook has set with ``%gpu`` for the cells that follow: it is the kernel's, not the process's."""

from typing import Any, Dict, Optional


def read_cell_default(shell: Any) -> Optional[Dict[str, Any]]:
    """Empty where nothing is set; None in a shell that has no ``%gpu``."""
    magics = shell.magics_manager.registry.get("GpuMagics")
    return None if magics is None else magics.default


def write_cell_default(shell: Any, default: Dict[str, Any]) -> None:
    shell.magics_manager.registry["GpuMagics"].default = default
