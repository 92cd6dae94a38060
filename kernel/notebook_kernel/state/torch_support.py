"""torch's tensors: shared storages stay shared, gradients travel.

torch's own pickling copies a storage for every tensor that uses it and drops ``.grad``, so that a step of an optimizer
in the cell after ``backward()`` would silently do nothing. What a tensor knows of the operations that made it does not
travel: ``backward()`` on it raises torch's own error.
"""

import sys
from typing import Any

from .pickling import REDUCERS, GroupPickler


def install() -> bool:
    """Once torch is imported: by the user, never by us."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "nn") or "numpy" not in sys.modules:
        return False
    REDUCERS[torch.Tensor] = reduce_tensor
    REDUCERS[torch.nn.Parameter] = reduce_tensor
    return True


def reduce_tensor(pickler: GroupPickler, tensor: Any) -> Any:
    """Of a dense tensor that is not of a subclass; the others keep torch's own way."""
    import torch

    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_neg() or tensor.is_conj():
        return NotImplemented
    on_host = tensor.detach()
    if on_host.device.type != "cpu":
        on_host = on_host.cpu()
    storage = on_host.storage() if not hasattr(on_host, "untyped_storage") else on_host.untyped_storage()
    storage = storage.untyped() if hasattr(storage, "untyped") and not hasattr(on_host, "untyped_storage") else storage
    address = storage.data_ptr()
    content = pickler.storages.get(address)
    if content is None:
        content = torch.tensor([], dtype=torch.uint8).set_(storage).numpy()
        pickler.keep.append(content)
        if address:
            pickler.storages[address] = content
            pickler.extra_owners.add(("torch", address))
    is_parameter = type(tensor) is torch.nn.Parameter
    arguments = (content, str(tensor.dtype).split(".")[1], tuple(on_host.shape), on_host.stride(),
                 on_host.storage_offset(), str(tensor.device), bool(tensor.requires_grad and tensor.is_leaf), is_parameter)
    gradient = tensor.grad if tensor.is_leaf else None
    return (new_tensor, arguments) if gradient is None else (new_tensor, arguments, gradient, None, None, set_gradient)


def new_tensor(content: Any, dtype: str, shape: Any, stride: Any, offset: int, device: str, requires_grad: bool,
               is_parameter: bool) -> Any:
    """A tensor over a storage that other tensors may use too."""
    import torch

    flat = torch.from_numpy(content).view(getattr(torch, dtype)) if len(content) else torch.empty(0, dtype=getattr(torch, dtype))
    tensor = torch.as_strided(flat, shape, stride, offset)
    if device != "cpu" and torch.cuda.is_available():
        tensor = tensor.to(device)
    if is_parameter:
        return torch.nn.Parameter(tensor, requires_grad)
    return tensor.requires_grad_(requires_grad)


def set_gradient(tensor: Any, gradient: Any) -> None:
    """Gives a tensor its gradient."""
    tensor.grad = gradient
