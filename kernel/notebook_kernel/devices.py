"""Shows a cell the GPUs of its lease, and no others."""

import os
from typing import Any, Dict, List, Optional


def show_devices(metadata: Dict[str, Any]) -> Optional[List[int]]:
    """Sets what CUDA will see from a cell's metadata; leaves it alone, and returns None, where the server has no GPUs to
    lease. Returns the devices of the lease."""
    devices = (metadata.get("notebook") or {}).get("devices")
    if devices is None:
        return None
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # the order in which leases number them
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(str(device) for device in devices) if devices else "-1"
    return devices
