"""Servers that differ: what a server brings itself is neither told to the others nor taken from them.

    servers.py differ             an executor and standbys with other variables, paths and directories, as JSON
    servers.py paths SEED COUNT   random edits of random lists: two equal lists end alike; prints how many were tried
"""

import json
import os
import random
import sys
import tempfile

import run  # sets the path up
from notebook_kernel.state.search_path import NO_EDITS, edited, edits_of

CELL = """
import os, sys
os.environ['MADE'] = 'here'; os.environ['SHARED'] = 'changed'; del os.environ['DROPPED']
os.environ['PASSING'] = 'x'; os.environ['AGREES'] = 'b'  # as it is on b anyway
sys.path.insert(0, '/mine/first'); sys.path.append('/mine/last'); sys.path.remove('/usr/shared')
"""
FIRST = [CELL, "del os.environ['PASSING']", "%cd -q {there}"]


def become(server, directory):
    """This process is on a server of that name from now on."""
    os.chdir(directory)
    for name in list(os.environ):
        del os.environ[name]
    os.environ.update({"SHARED": server, "DROPPED": server, f"TOKEN_{server}": f"secret-of-{server}", "PASSING": server, "AGREES": server})
    sys.path[:] = [f"/{server}/site", "/usr/shared", f"/{server}/dist", *["/b/more"] * (server == "b")]


def kernel_on(server, shell, case):
    become(server, case["homes"][server])
    shell.user_ns["_dh"][:] = [case["homes"][server]]
    return run.Executor(shell, server)


def first(shell, case, received):
    kernel = kernel_on("a", shell, case)
    kernel.run("x = 1")
    for code in FIRST:
        kernel.run(code.format(there=case["there"]))
    snapshot = kernel.keep(kernel.state.snapshot())
    return {"changes": kernel.changes, "snapshot": snapshot, "blobs": kernel.blobs, "seen": seen(shell)}


def then(server, part):
    def go(shell, case, received):
        kernel = kernel_on(server, shell, case)
        for inline in received["changes"] if part == "changes" else [received["snapshot"]]:
            kernel.state.apply(inline, received["blobs"].__getitem__)
        at_first = seen(shell)
        kernel.run("y = 2; os.environ['LATER'] = 'y'")
        snapshot = kernel.keep(kernel.state.snapshot())
        return {"changes": received["changes"] + kernel.changes, "snapshot": snapshot, "seen": at_first,
                "blobs": {**received["blobs"], **kernel.blobs}}

    return go


def untouched(shell, case, received):
    kernel = kernel_on("c", shell, case)
    kernel.run("x = 1")
    return {"snapshot": kernel.keep(kernel.state.snapshot())}


def back(shell, case, received):
    """A process that has edits is told, by a snapshot, that there are none."""
    kernel = kernel_on("b", shell, case)
    for inline in (*received["changes"], received["none"]):
        kernel.state.apply(inline, received["blobs"].__getitem__)
    return seen(shell)


def seen(shell):
    return {"environ": dict(sorted(os.environ.items())), "path": sys.path[:], "cwd": os.path.basename(os.getcwd()),
            "visited": [os.path.basename(d) for d in shell.user_ns["_dh"]]}


def differ(shell):
    with tempfile.TemporaryDirectory() as root:
        homes = {server: os.path.join(root, server) for server in "abc"}
        there = os.path.join(root, "there")
        for folder in (*homes.values(), there):
            os.mkdir(folder)
        case = {"homes": homes, "there": there}
        a = answer(run.in_fork(first, shell, case, None))
        b = answer(run.in_fork(then("b", "changes"), shell, case, a))
        s = answer(run.in_fork(then("b", "snapshot"), shell, case, a))
        c = answer(run.in_fork(then("c", "changes"), shell, case, b))
        none = answer(run.in_fork(untouched, shell, case, None))["snapshot"]
        e = answer(run.in_fork(back, shell, case, {**a, "none": none}))
        d = answer(run.in_fork(then("a", "snapshot"), shell, case, b))
    told = b"".join([*c["changes"], a["snapshot"], b["snapshot"], c["snapshot"]])
    print(json.dumps({"first change": sorted(header_of(a["changes"][0])["env"]), "a": a["seen"], "b": b["seen"],
                      "b from a snapshot": s["seen"], "c": c["seen"], "a from b's snapshot": d["seen"], "b without": e,
                      "secrets told": [server for server in "abc" if f"secret-of-{server}".encode() in told],
                      "names told": [server for server in "abc" if f"TOKEN_{server}".encode() in told]}))


def header_of(inline):
    from notebook_kernel.state.change import Received

    return Received(inline).header


def answer(got):
    if isinstance(got, str):
        raise AssertionError(got)
    return got


def paths(seed, count):
    rng = random.Random(seed)
    for number in range(count):
        baseline = [rng.choice("abcd") for _ in range(rng.randrange(6))]
        now, edits, mine = baseline[:], NO_EDITS, baseline[:]
        for _ in range(3):  # each time from another server
            for _ in range(rng.randrange(4)):
                if now and rng.random() < 0.5:
                    del now[rng.randrange(len(now))]
                else:
                    now.insert(rng.randrange(len(now) + 1), rng.choice("abcdxyz"))
            edits = edits_of(baseline, now, edits)
            mine = edited(baseline, edits)
            if mine != now:
                raise AssertionError(f"seed {seed}, {number}: {baseline} to {now}, but {edits} gives {mine}")
    print(json.dumps({"tried": count}))


if __name__ == "__main__":
    if sys.argv[1] == "paths":
        paths(int(sys.argv[2]), int(sys.argv[3]))
    else:
        differ(run.new_shell())
    sys.stdout.flush()
    os._exit(0)
