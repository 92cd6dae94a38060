"""State beside the namespace: directory, paths, environment variables, random states, extensions, input history.

Each aspect has a name, a way to read it and a way to set it; what equals what was last shipped is not shipped.
"""

import os
import random
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional

# What the platform sets itself, for each cell, on each server.
_NOT_OURS = frozenset({"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "JPY_PARENT_PID", "JPY_SESSION_NAME"})


class Aspect(NamedTuple):
    """One kind of state beside the namespace."""

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


def _read_cwd(shell: Any) -> Any:
    try:
        return os.getcwd()
    except OSError:  # the directory is gone
        return None


def _write_cwd(shell: Any, directory: Any) -> None:
    os.chdir(directory)


def _write_path(shell: Any, path: List[str]) -> None:
    sys.path[:] = path


def _read_environment(shell: Any) -> Dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in _NOT_OURS}


def _write_environment(shell: Any, variables: Dict[str, str]) -> None:
    for name in [n for n in os.environ if n not in variables and n not in _NOT_OURS]:
        del os.environ[name]
    for name, value in variables.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _read_random(shell: Any) -> Any:
    version, internal, gauss = random.getstate()
    return [version, list(internal), gauss]


def _write_random(shell: Any, state: Any) -> None:
    version, internal, gauss = state
    random.setstate((version, tuple(internal), gauss))


def _read_numpy(shell: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "random"):
        return None
    name, keys, position, has_gauss, gauss = numpy.random.get_state()
    return [name, keys.tobytes().hex(), position, has_gauss, gauss]


def _write_numpy(shell: Any, state: Any) -> None:
    import numpy

    name, keys, position, has_gauss, gauss = state
    numpy.random.set_state((name, numpy.frombuffer(bytes.fromhex(keys), numpy.uint32), position, has_gauss, gauss))


def _read_torch(shell: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    return torch.get_rng_state().numpy().tobytes().hex()


def _write_torch(shell: Any, state: Any) -> None:
    import torch

    torch.set_rng_state(torch.frombuffer(bytearray.fromhex(state), dtype=torch.uint8))


def _read_extensions(shell: Any) -> Any:
    return sorted(shell.extension_manager.loaded)


def _write_extensions(shell: Any, extensions: List[str]) -> None:
    for name in extensions:
        if name not in shell.extension_manager.loaded:
            shell.extension_manager.load_extension(name)


def _read_directories(shell: Any) -> Any:
    return list(map(str, shell.user_ns.get("_dh") or []))


def _write_directories(shell: Any, directories: List[str]) -> None:
    from pathlib import Path

    shell.user_ns["_dh"][:] = [Path(d) for d in directories]


def _read_underscores(shell: Any) -> Any:
    # The display hook stops updating ``_`` once the user has assigned it: it compares with what it put there itself.
    return [getattr(shell.displayhook, name) is shell.user_ns.get(name) for name in ("_", "__", "___")]


def _write_underscores(shell: Any, are_its_own: List[bool]) -> None:
    for name, is_its_own in zip(("_", "__", "___"), are_its_own):
        setattr(shell.displayhook, name, shell.user_ns.get(name) if is_its_own else object())


def _write_count(shell: Any, count: int) -> None:
    shell.execution_count = count


ASPECTS: Dict[str, Aspect] = {
    "sys.path": Aspect(lambda shell: list(map(str, sys.path)), _write_path),
    "cwd": Aspect(_read_cwd, _write_cwd),
    "environ": Aspect(_read_environment, _write_environment),
    "extensions": Aspect(_read_extensions, _write_extensions),
    "directories": Aspect(_read_directories, _write_directories),
    "random": Aspect(_read_random, _write_random),
    "numpy.random": Aspect(_read_numpy, _write_numpy),
    "torch.random": Aspect(_read_torch, _write_torch),
    "underscores": Aspect(_read_underscores, _write_underscores),
    "execution_count": Aspect(lambda shell: shell.execution_count, _write_count),
}
# Set before anything is imported or loaded; the others after all else, because that may use them up.
FIRST = ("sys.path", "cwd", "environ")
LAST = tuple(name for name in ASPECTS if name not in FIRST)


class Environment:
    """What was last shipped of each aspect."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._last: Dict[str, Any] = {}
        self._history = len(shell.history_manager.input_hist_parsed)

    def changes(self, everything: bool = False) -> Dict[str, Any]:
        """What differs from the last call; does not count as a call when everything is asked for."""
        found: Dict[str, Any] = {}
        for name, aspect in ASPECTS.items():
            now = aspect.read(self._shell)
            if now is not None and (everything or self._last.get(name) != now):
                found[name] = now
                if not everything:
                    self._last[name] = now
        history = self._new_history(1 if everything else self._history)
        if history["inputs"]:
            found["history"] = history
            if not everything:
                self._history += len(history["inputs"])
        return found

    def apply(self, changes: Dict[str, Any], names: Any) -> List[str]:
        """Sets those of the named aspects that changed. Returns what could not be set, with the reason."""
        failed = []
        for name in names:
            if name in changes:
                try:
                    ASPECTS[name].write(self._shell, changes[name])
                except Exception as e:  # a directory that is not on this server, an extension that is not installed
                    failed.append(f"{name}: {type(e).__name__}: {e}")
                self._last[name] = changes[name]
        if "underscores" in names:  # the values may be new objects although the answer is the same
            _write_underscores(self._shell, self._last["underscores"])
        return failed

    def apply_history(self, history: Optional[Dict[str, Any]]) -> None:
        """Appends to ``In``."""
        if history is None:
            return
        manager, space = self._shell.history_manager, self._shell.user_ns
        del manager.input_hist_parsed[history["first"]:]
        del manager.input_hist_raw[history["first"]:]
        for offset, (parsed, raw) in enumerate(history["inputs"]):
            manager.input_hist_parsed.append(parsed)
            manager.input_hist_raw.append(raw)
            number = history["first"] + offset
            space[f"_i{number}"] = raw
            self._shell.compile.cache(parsed + "\n", number, raw_code=raw)  # for the source lines of tracebacks
        self._history = len(manager.input_hist_parsed)
        raws = manager.input_hist_raw
        for name, back in (("_i", 2), ("_ii", 3), ("_iii", 4)):
            text = raws[-back] if len(raws) >= back else ""
            space[name] = text
            setattr(manager, name, text)
        manager._i00 = raws[-1]

    def _new_history(self, first: int) -> Dict[str, Any]:
        manager = self._shell.history_manager
        parsed, raw = manager.input_hist_parsed, manager.input_hist_raw
        return {"first": first, "inputs": [[p, r] for p, r in zip(parsed[first:], raw[first:])]}
