"""State beside the namespace: directory, paths, environment variables, random states, extensions, settings, history, GPUs.

Each aspect has a name, a way to read it and a way to set it; what equals what was last shipped is not shipped. Of what
a server brings itself only the user's edits are (``baseline``).
"""

import ctypes
import functools
import random
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from . import settings
from .baseline import SearchPath, Variables, VisitedDirectories, WorkingDirectory
from .cell_default import read_cell_default, write_cell_default
from .history import new_inputs, take_inputs


class Aspect(NamedTuple):
    """One kind of state beside the namespace."""

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]
    to_json: Optional[Callable[[Any], Any]] = None  # of what was read; where it would cost something to do it each time


def _random_at(generator: random.Random) -> Tuple[bytes, Optional[float]]:
    """The state of one of Python's generators, to be compared: its memory, which is read in a tenth of the time that it
    takes to make numbers of it."""
    return ctypes.string_at(id(generator) + object.__basicsize__, _RANDOM_SIZE), generator.gauss_next  # type: ignore[attr-defined]


def _is_random_in_memory() -> bool:
    """A look at a generator of ours shows that all of its state is where we read."""
    generator = random.Random(1)
    state, memory = generator.getstate(), _random_at(generator)
    seen = {memory}
    for bits in (32, 32, 32 * 624):
        generator.getrandbits(bits)
        seen.add(_random_at(generator))
    generator.setstate(state)
    return len(seen) == 4 and _random_at(generator) == memory


_RANDOM_SIZE = random.Random.__base__.__basicsize__ - object.__basicsize__  # type: ignore[union-attr]
_NUMPY_SIZE = 625 * 4
_RANDOM_IS_IN_MEMORY = _RANDOM_SIZE > 624 * 4 and _is_random_in_memory()


def _read_random(shell: Any) -> Any:
    generator = random._inst  # type: ignore[attr-defined]
    return _random_at(generator) if _RANDOM_IS_IN_MEMORY else generator.getstate()


def _write_random(shell: Any, state: Any) -> None:
    version, internal, gauss = state
    random.setstate((version, tuple(internal), gauss))


def _random_to_json(seen: Any) -> Any:
    version, internal, gauss = random.getstate()
    return [version, list(internal), gauss]


def _read_numpy(shell: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "random"):
        return None
    generator = getattr(numpy.random.mtrand, "_rand", None)
    if type(getattr(generator, "_bit_generator", None)).__name__ != "MT19937":
        return None  # the user has put another in its place
    return _numpy_at(generator) if _is_numpy_in_memory(type(generator)) else _numpy_to_json(None)


def _numpy_at(generator: Any) -> Tuple[bytes, bytes]:
    """The state of one of numpy's legacy generators, to be compared: its own memory and its source's."""
    size = type(generator).__basicsize__ - object.__basicsize__
    return (ctypes.string_at(id(generator) + object.__basicsize__, size),
            ctypes.string_at(generator._bit_generator.ctypes.state_address, _NUMPY_SIZE))


@functools.lru_cache(maxsize=None)
def _is_numpy_in_memory(kind: type) -> bool:
    """As ``_is_random_in_memory``."""
    try:
        generator = kind(1)
        state, memory = generator.get_state(), _numpy_at(generator)
        seen = {memory}
        for size in (1, 1, 1, 2000):
            generator.standard_normal(size)  # each is one of two that are made together
            seen.add(_numpy_at(generator))
        generator.set_state(state)
        return len(seen) == 5 and _numpy_at(generator) == memory
    except (AttributeError, TypeError, ValueError):  # another numpy
        return False


def _numpy_to_json(seen: Any) -> Any:
    name, keys, position, has_gauss, gauss = sys.modules["numpy"].random.get_state()
    return [name, keys.tobytes().hex(), position, has_gauss, gauss]


def _write_numpy(shell: Any, state: Any) -> None:
    import numpy

    name, keys, position, has_gauss, gauss = state
    numpy.random.set_state((name, numpy.frombuffer(bytes.fromhex(keys), numpy.uint32), position, has_gauss, gauss))


def _read_torch(shell: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    return torch.get_rng_state().numpy().tobytes()


def _write_torch(shell: Any, state: Any) -> None:
    import torch

    torch.set_rng_state(torch.frombuffer(bytearray.fromhex(state), dtype=torch.uint8))


def _write_extensions(shell: Any, extensions: List[str]) -> None:
    for name in extensions:
        if name not in shell.extension_manager.loaded:
            shell.extension_manager.load_extension(name)


def _read_underscores(shell: Any) -> Any:
    # The display hook stops updating ``_`` once the user has assigned it: it compares with what it put there itself.
    return [getattr(shell.displayhook, name) is shell.user_ns.get(name) for name in ("_", "__", "___")]


def _write_underscores(shell: Any, are_its_own: List[bool]) -> None:
    for name, is_its_own in zip(("_", "__", "___"), are_its_own):
        setattr(shell.displayhook, name, shell.user_ns.get(name) if is_its_own else object())


def _write_count(shell: Any, count: int) -> None:
    shell.execution_count = count


# Set before anything is imported or loaded.
FIRST = ("sys.path", "cwd", "environ")
# Set once all is imported, before any value is loaded: a figure that is loaded goes to the backend of that moment.
IMPORTED = ("matplotlib.backend", "matplotlib")
# After all else, because that may use the random states up.
LAST = ("extensions", "directories", "pandas", "numpy.print", "random", "numpy.random",
        "torch.random", "underscores", "execution_count", "cell_default")


def _aspects(shell: Any) -> Dict[str, Aspect]:
    path, directory, variables, visited = SearchPath(shell), WorkingDirectory(shell), Variables(shell), VisitedDirectories(shell)
    loaded_before = frozenset(shell.extension_manager.loaded)
    return {
        "sys.path": Aspect(path.read, path.write),
        "cwd": Aspect(directory.read, directory.write),
        "environ": Aspect(variables.read, variables.write),
        "extensions": Aspect(lambda shell: sorted(shell.extension_manager.loaded - loaded_before), _write_extensions),
        "directories": Aspect(visited.read, visited.write),
        "matplotlib.backend": Aspect(settings.read_backend, settings.write_backend),
        "matplotlib": Aspect(settings.read_matplotlib, settings.write_matplotlib, settings.pack_matplotlib),
        "pandas": Aspect(settings.read_pandas, settings.write_pandas, settings.pack_pandas),
        "numpy.print": Aspect(settings.read_numpy, settings.write_numpy, settings.pack_numpy),
        "random": Aspect(_read_random, _write_random, _random_to_json),
        "numpy.random": Aspect(_read_numpy, _write_numpy, _numpy_to_json),
        "torch.random": Aspect(_read_torch, _write_torch, bytes.hex),
        "underscores": Aspect(_read_underscores, _write_underscores),
        "execution_count": Aspect(lambda shell: shell.execution_count, _write_count),
        "cell_default": Aspect(read_cell_default, write_cell_default),
    }


_FROM_BASELINE = ("sys.path", "cwd", "environ", "extensions", "directories", "cell_default")  # nothing to ship until they are edited


class Environment:
    """What was last shipped of each aspect."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._aspects = _aspects(shell)
        self._last: Dict[str, Any] = {name: self._aspects[name].read(shell) for name in _FROM_BASELINE}
        self._history = len(shell.history_manager.input_hist_parsed)

    def changes(self, everything: bool = False) -> Dict[str, Any]:
        """What differs from the last call; does not count as a call when everything is asked for."""
        found: Dict[str, Any] = {}
        for name, aspect in self._aspects.items():
            now = aspect.read(self._shell)
            if now is not None and (everything or self._last.get(name) != now):
                found[name] = now if aspect.to_json is None else aspect.to_json(now)
                if not everything:
                    self._last[name] = now
        history = new_inputs(self._shell.history_manager, 1 if everything else self._history)
        if history["inputs"]:
            found["history"] = history
            if not everything:
                self._history += len(history["inputs"])
        return found

    def forget(self) -> None:
        """As if nothing had been shipped."""
        self._last.clear()
        self._history = 1

    def apply(self, changes: Dict[str, Any], names: Any) -> List[str]:
        """Sets those of the named aspects that changed. Returns what could not be set, with the reason."""
        failed = []
        for name in names:
            if name in changes:
                aspect = self._aspects[name]
                try:
                    aspect.write(self._shell, changes[name])
                except Exception as e:  # a directory that is not on this server, an extension that is not installed
                    failed.append(f"{name}: {type(e).__name__}: {e}")
                self._last[name] = changes[name] if aspect.to_json is None else aspect.read(self._shell)
        if "underscores" in names:  # the values may be new objects although the answer is the same
            _write_underscores(self._shell, self._last["underscores"])
        return failed

    def apply_history(self, history: Optional[Dict[str, Any]]) -> None:
        """Appends to ``In``."""
        if history is None:
            return
        manager, space = self._shell.history_manager, self._shell.user_ns
        for number, parsed, raw in take_inputs(manager, history):
            space[f"_i{number}"] = raw
            self._shell.compile.cache(parsed + "\n", number, raw_code=raw)  # for the source lines of tracebacks
        self._history = len(manager.input_hist_parsed)
        raws = manager.input_hist_raw
        for name, back in (("_i", 2), ("_ii", 3), ("_iii", 4)):
            text = raws[-back] if len(raws) >= back else ""
            space[name] = text
            setattr(manager, name, text)
        manager._i00 = raws[-1]
