"""What is compared of two processes that ran the same case: names with their values, and what is beside the namespace.

A cell of any kernel can look too, without leaving a trace there: it runs this file by ``runpy`` with ``asked``, a text of
JSON, among its globals; what it prints is JSON.

    {"do": "begin", "needs": [...]}               imports what the case needs, and seeds all generators
    {"do": "look", "lost", "fails", "prints"}     of the case (see ``corpus``)
"""

import importlib
import json
import os
import random
import sys
from types import SimpleNamespace

# What a kernel's server gives it, and what is said to it alone.
_SERVERS_OWN = ("JPY_", "CUDA_", "KERNEL_", "NOTEBOOK_")


def at(shell, case):
    """Both, each a list of lines."""
    return {"names": names(shell, case), "around": around(shell)}


def lines(printed):
    """What the cells printed, without empty lines."""
    return [line for line in "\n".join(printed).split("\n") if line.strip()]


def names(shell, case):
    """Where an error is expected in place of a result, outputs differ from those of a plain IPython."""
    import describe

    skipped = [name for name in shell.user_ns if name.startswith("_")] if case.prints else []
    described = describe.describe(shell, (*case.lost, *case.fails, *skipped))
    return [line for line in described if not case.prints or not line.startswith("Out[")]


def around(shell):
    """What is beside the namespace."""
    state = [f"cwd {os.getcwd()}", f"sys.path {sys.path}", f"count {shell.execution_count}",
             f"random {hash(random.getstate())}", f"extensions {sorted(shell.extension_manager.loaded)}",
             f"_dh {shell.user_ns['_dh']}"]
    state += [f"{name}={value}" for name, value in sorted(os.environ.items()) if not name.startswith(_SERVERS_OWN)]
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        state.append(f"numpy {numpy.random.get_state()[1].tobytes()[:64].hex()} {numpy.random.get_state()[2]}")
    if torch is not None:
        state.append(f"torch {bytes(torch.get_rng_state().tolist()).hex()}")
    return state


def seed_all(seed):
    """Two processes that are to be compared begin with the same seeds."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def answer(shell, request):
    """To a cell that ran this file."""
    if request["do"] == "begin":
        for name in request["needs"]:
            importlib.import_module(name)
        seed_all(1)
        return {"pid": os.getpid()}
    folder = os.path.dirname(__file__)
    sys.path.insert(0, folder)
    try:
        import describe  # noqa: F401
    finally:
        sys.path.remove(folder)
    return {"pid": os.getpid(), **at(shell, SimpleNamespace(**request))}


if __name__ == "__look__":
    from IPython import get_ipython

    print(json.dumps(answer(get_ipython(), json.loads(asked))))  # noqa: F821
