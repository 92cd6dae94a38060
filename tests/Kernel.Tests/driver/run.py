"""Runs the corpus: each case in five processes, forked from one, and compares.

    A   the executor: runs the first cells and captures after each
    B   a standby that applies each change, then goes on as the executor with the other cells
    S   the same from a snapshot alone
    D   a second standby: applies A's changes, then B's
    C   a plain IPython shell that runs all cells

B, S and D must end with C's namespace; the cells after the change of executor must print on B and S what they print
on C. Prints one line of JSON for each case: {"case", "problems"}.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import pickle
import signal
import sys
import tempfile
import traceback
import warnings

sys.path.insert(0, os.environ["NOTEBOOK_KERNEL"])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import corpus  # noqa: E402
import describe  # noqa: E402
import look  # noqa: E402
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from notebook_kernel.state import KernelState  # noqa: E402

SECONDS_PER_PROCESS = 60


def run_cell(shell, code):
    """What the cell printed, and the error it ended with."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(code, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    printed = describe.scrub(out.getvalue())
    if error is None:
        return printed
    return printed.split("-" * 75)[0] + f"{type(error).__name__}: {describe.scrub(str(error))}"


class Executor:
    def __init__(self, shell, origin):
        self.shell, self.state = shell, KernelState(shell, origin)
        self.changes, self.blobs, self.newly_lost = [], {}, []

    def run(self, code):
        self.state.begin()
        printed = run_cell(self.shell, code)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            change = self.state.capture()
        self.newly_lost += list(change.newly_lost)
        self.lost = sorted(change.lost)
        self.changes.append(self.keep(change))
        return printed

    def keep(self, change):
        inline, blobs = change.encode()
        self.blobs.update((blob.digest, bytes(blob.content)) for blob in blobs)
        return inline


def executor(shell, case, received):
    a = Executor(shell, "a")
    for code in case.before:
        a.run(code)
    snapshot = a.keep(a.state.snapshot())
    return {"changes": a.changes, "snapshot": snapshot, "blobs": a.blobs, "newly_lost": a.newly_lost, "lost": a.lost}


def standby(changes):
    def run(shell, case, received):
        b = Executor(shell, "b")
        blobs = received["blobs"]
        for inline in changes(received):
            applied = b.state.apply(inline, blobs.__getitem__)
            if applied.problems:
                raise AssertionError(str(applied))
        printed = [b.run(code) for code in case.after]
        return {"printed": look.lines(printed), **look.at(shell, case),
                "changes": b.changes, "blobs": {**blobs, **b.blobs}}

    return run


def second_standby(shell, case, received):
    d = KernelState(shell, "d")
    for inline in received["changes"]:
        d.apply(inline, received["blobs"].__getitem__)
    d.begin()
    return {"printed": None, **look.at(shell, case)}


def plain(shell, case, received):
    printed = [run_cell(shell, code) for code in case.before + case.after]
    return {"printed": case.prints or look.lines(printed[len(case.before):]), **look.at(shell, case)}


def in_fork(role, shell, case, received):
    """Runs a role in a process of its own. What it returns, or its traceback as text."""
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if pid == 0:
            signal.alarm(SECONDS_PER_PROCESS)
            look.seed_all(1 if received is None else 2)  # a fork has seeds of its own, and so has a standby
            try:
                result = role(shell, case, received)
            except BaseException:
                result = traceback.format_exc()
            pickle.dump(result, file)
            file.flush()
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        file.seek(0)
        return pickle.load(file) if status == 0 else f"the process ended with {status}"


def problems_of(shell, case):
    """What is wrong with a case."""
    a = in_fork(executor, shell, case, None)
    if isinstance(a, str):
        return [f"executor: {a}"]
    problems = []
    unexpected = {name for name in a["lost"] if not name.startswith("_")} ^ set(case.lost)
    if unexpected:
        problems.append(f"lost {a['lost']}, expected {case.lost}")
    if len(a["newly_lost"]) != len(set(a["newly_lost"])) and case.lost:
        problems.append(f"told twice: {a['newly_lost']}")
    c = in_fork(plain, shell, case, None)
    b = in_fork(standby(lambda r: r["changes"]), shell, case, a)
    s = in_fork(standby(lambda r: [r["snapshot"]]), shell, case, a)
    others = {"standby": b, "from a snapshot": s}
    if isinstance(b, dict):
        d = {"changes": a["changes"] + b["changes"], "blobs": b["blobs"]}
        others["second standby"] = in_fork(second_standby, shell, case, d)
    for name, other in others.items():
        if isinstance(other, str) or isinstance(c, str):
            problems.append(f"{name}: {other if isinstance(other, str) else c}")
            continue
        for part in ("printed", "names", "around"):
            if other[part] is not None and other[part] != c[part]:
                problems += [f"{name}, {part}: {line}" for line in differences(other[part], c[part])]
    return problems


def differences(got, wanted):
    """The lines that differ."""
    lines = [f"\n     got {g}\n    want {w}" for g, w in zip(got, wanted) if g != w]
    return lines or [f"\n     got {sorted(set(got) - set(wanted))}\n    want {sorted(set(wanted) - set(got))}"]


def new_shell():
    warnings.simplefilter("ignore")
    shell = InteractiveShell.instance(colors="NoColor")
    shell.history_manager.enabled = False
    shell.history_manager.hist_file = ":memory:"
    gc.collect()
    gc.freeze()  # as the agent's fork server does: else a collection in a fork copies every page
    return shell


def main(cases):
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)  # cases write files
        run_cases(cases)
        os.chdir("/")


def run_cases(cases):
    for name in ("numpy", "pandas", "torch"):  # once, and not in each of the processes
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    shell = new_shell()
    chosen = sys.argv[2:]
    for case in cases:
        if not case.can_run:
            print(json.dumps({"case": case.name, "problems": [], "skipped": True}), flush=True)
        elif not chosen or any(text in case.name for text in chosen):
            print(json.dumps({"case": case.name, "problems": problems_of(shell, case)}), flush=True)


if __name__ == "__main__":
    folder, share, count = sys.argv[1].rsplit(":", 2)
    main(corpus.read(folder)[int(share)::int(count)])
