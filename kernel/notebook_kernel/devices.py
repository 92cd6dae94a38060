"""Shows a cell the GPUs of its lease, and no others."""

import os
from typing import Any, Dict


def show_devices(metadata: Dict[str, Any]) -> None:
    """Sets what CUDA will see from a cell's metadata; leaves it alone where the server has no GPUs to lease."""
    devices = (metadata.get("notebook") or {}).get("devices")
    if devices is None:
        return
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # the order in which leases number them
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(str(device) for device in devices) if devices else "-1"
