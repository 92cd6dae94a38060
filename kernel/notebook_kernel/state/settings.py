"""How libraries are set up: matplotlib's ``rcParams``, pandas' options, numpy's print options, where they are imported.

They live in the libraries' modules, where nobody looks for a notebook's state; but after a move the plots and tables of
the cells that follow would look different. Only what differs from the library's own defaults is shipped.
"""

import pickle
import sys
from typing import Any, Dict, Iterator, List, Optional, Tuple

_APART = ("backend",)  # takes more than to set it


def read_matplotlib(shell: Any) -> Optional[List[Any]]:
    """The values alone, in their order: to look at them must cost next to nothing."""
    parameters = getattr(sys.modules.get("matplotlib"), "rcParams", None)
    return None if parameters is None else list(dict.values(parameters))  # its own ``values`` looks at each


def pack_matplotlib(values: List[Any]) -> str:
    import matplotlib

    names = list(dict.keys(matplotlib.rcParams))
    return _pack(dict(zip(names, values)), dict(_raw(matplotlib.rcParamsOrig)))


def write_matplotlib(shell: Any, packed: str) -> None:
    import matplotlib

    wanted = {**dict(_raw(matplotlib.rcParamsOrig)), **_unpack(packed)}
    for name, value in list(_raw(matplotlib.rcParams)):
        if name not in _APART and name in wanted and wanted[name] != value:
            matplotlib.rcParams[name] = wanted[name]


def read_backend(shell: Any) -> Optional[str]:
    """Where plots go, once it was settled: with the inline backend come IPython's pictures of figures."""
    if getattr(sys.modules.get("matplotlib.pyplot"), "_backend_mod", None) is None:
        return None
    return str(dict.__getitem__(sys.modules["matplotlib"].rcParams, "backend"))


def write_backend(shell: Any, name: str) -> None:
    from matplotlib import pyplot

    pyplot.switch_backend(name)


def read_pandas(shell: Any) -> Optional[List[Any]]:
    """The values alone, in their order."""
    root = getattr(sys.modules.get("pandas._config.config"), "_global_config", None)
    return None if root is None else [value for _, value in _leaves(root)]


def pack_pandas(values: List[Any]) -> str:
    config = sys.modules["pandas._config.config"]
    names = [name for name, _ in _leaves(config._global_config)]
    return _pack(dict(zip(names, values)), _pandas_defaults(config))


def write_pandas(shell: Any, packed: str) -> None:
    import pandas

    config = sys.modules["pandas._config.config"]
    wanted = {**_pandas_defaults(config), **_unpack(packed)}
    for name, value in list(_leaves(config._global_config)):
        if name in wanted and wanted[name] != value:
            pandas.set_option(name, wanted[name])


def read_numpy(shell: Any) -> Optional[Dict[str, Any]]:
    read = getattr(sys.modules.get("numpy"), "get_printoptions", None)
    return None if read is None else read()


def pack_numpy(options: Dict[str, Any]) -> str:
    return _pack(options, {})


def write_numpy(shell: Any, packed: str) -> None:
    import numpy

    numpy.set_printoptions(**_unpack(packed))


def _raw(parameters: Any) -> Iterator[Tuple[str, Any]]:
    return iter(dict.items(parameters))


def _leaves(tree: Dict[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _pandas_defaults(config: Any) -> Dict[str, Any]:
    return {name: option.defval for name, option in config._registered_options.items()}


def _pack(settings: Dict[str, Any], defaults: Dict[str, Any]) -> str:
    """Those that are not the defaults. One that cannot be pickled stays behind."""
    packed = {}
    for name, value in settings.items():
        if name in _APART or (name in defaults and defaults[name] == value):
            continue
        try:
            packed[name] = pickle.dumps(value)
        except Exception:  # whatever the user's own object raises
            continue
    return pickle.dumps(packed).hex()


def _unpack(packed: str) -> Dict[str, Any]:
    return {name: pickle.loads(value) for name, value in pickle.loads(bytes.fromhex(packed)).items()}
