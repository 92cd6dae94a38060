"""What cells ask for, as users write it: ``N [--vram GB] [--cpus MILLICPUS] [--memory MB]``.

The gateway reads it by the same rules before a cell starts (``src/Gateway/Kernels/GpuMagic.cs``).
"""

import math
from typing import Any, Dict, List, Optional, Tuple

USAGE = "N [--vram GB] [--cpus MILLICPUS] [--memory MB]"
MAX_GPUS = 1024
MAX_AMOUNT = 1_000_000_000

_OPTIONS = {"--vram": "vram", "--cpus": "cpus", "--memory": "memory"}


def parse(arguments: str, magic: str) -> Dict[str, Any]:
    """The request: ``gpus``, ``vram`` in GB over all of them, ``cpus`` in thousandths of a core, ``memory`` in MB; 0 for
    what is not said. Raises ValueError, with the name of the magic, for what cannot be asked for."""
    amounts: Dict[str, float] = {}
    words = arguments.split()
    while words:
        option, name, value = _take(words, magic)
        if name in amounts:
            raise ValueError(f"{magic} has {f'{option} twice' if option else 'two numbers of GPUs'}: {magic} {USAGE}")
        amounts[name] = _amount(value, f"{magic} {option}".rstrip(), magic)
    if "gpus" not in amounts:
        raise ValueError(f"{magic} needs a number of GPUs: {magic} {USAGE}")
    if amounts["gpus"] != math.floor(amounts["gpus"]):
        raise ValueError(f"{magic} must be a whole number of GPUs, not {amounts['gpus']:g}")
    return {"gpus": int(amounts["gpus"]), "vram": amounts.get("vram", 0),
            "cpus": int(amounts.get("cpus", 0)), "memory": int(amounts.get("memory", 0))}


def in_words(request: Dict[str, Any]) -> str:
    """A request for people."""
    gpus = request["gpus"]
    parts = [("no GPU", "1 GPU")[gpus] if gpus < 2 else f"{gpus} GPUs"]
    if request["vram"]:
        parts.append(f"{request['vram']:g} GB of GPU memory")
    if request["cpus"]:
        parts.append(f"{request['cpus']} thousandths of a core")
    if request["memory"]:
        parts.append(f"{request['memory']} MB of memory")
    return ", ".join(parts)


def _take(words: List[str], magic: str) -> Tuple[str, str, str]:
    """The next option, what it is, and its value; without an option it is the number of GPUs."""
    word = words.pop(0)
    if not word.startswith("--"):
        return "", "gpus", word
    option, equals, value = word.partition("=")
    if option not in _OPTIONS:
        raise ValueError(f"{magic} has no option '{_short(option)}': {magic} {USAGE}")
    if not equals:
        if not words:
            raise ValueError(f"{magic} {option} needs a value: {magic} {USAGE}")
        value = words.pop(0)
    return option, _OPTIONS[option], value


def _amount(text: str, what: str, magic: str) -> float:
    number: Optional[float] = None
    if "_" not in text:
        try:
            number = float(text)
        except ValueError:
            pass
    if number is None:
        wanted = "a number of GPUs" if what == magic else "a number"
        raise ValueError(f"{what} takes {wanted}, not '{_short(text)}': {magic} {USAGE}")
    most = MAX_GPUS if what == magic else MAX_AMOUNT
    if not 0 <= number <= most:
        raise ValueError(f"{what} must be from 0 to {most:,}, not {number:g}")
    return number


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "..."
