"""What the corpus cannot show: processes that share no memory, random programs, and what captures cost.

    fresh.py state FILE           runs cells, writes changes and a snapshot
    fresh.py apply FILE           in another process: applies them, goes on, and compares
    fresh.py random SEED COUNT    random programs: executor, standby and plain shell agree
    fresh.py slow                 what is told of captures that take long, as JSON
    fresh.py cost                 counts of what captures look at and ship, as JSON
    fresh.py damage FILE          a change with any byte wrong is refused, or costs only values, but ends nothing
"""

import json
import os
import pickle
import random
import sys

import run  # sets the path up
from notebook_kernel.state import KernelState, MissingBlobError, Patience, StateFormatError

CELLS = [
    "import json, math, collections as c\nx = [1]; y = x; n = 0",
    "class A:\n    made = []\n    def __init__(self, v): self.v = v; A.made.append(self)\n    def get(self): return (self.v, x)",
    "a = A(5)\ndef inc():\n    global n\n    n += 1\n    return n\ninc()",
    "b = A([a]); big = bytes(300000); text = 'é' * 100000",
    "def make():\n    k = [0]\n    def add(v): k[0] += v; return k\n    return add\nadd = make(); add(2)",
    "g = (i for i in x)",
]
AFTER = ["print(x is y, a.get()[1] is x, A.made[0] is a, type(b) is A, inc(), add(3), len(big), text[-1], c.Counter('aa'))",
         "y.append(2); print(x, math.pi, json.dumps(x), b.v[0] is a)"]


def write_state(shell, file):
    a = run.Executor(shell, "a")
    for cell in CELLS:
        a.run(cell)
    with open(file, "wb") as out:
        pickle.dump({"changes": a.changes, "snapshot": a.keep(a.state.snapshot()), "blobs": a.blobs}, out)


def apply_state(shell, file, part):
    with open(file, "rb") as received:
        state = pickle.load(received)
    b = run.Executor(shell, "b")
    for inline in state["changes"] if part == "changes" else [state["snapshot"]]:
        b.state.apply(inline, state["blobs"].__getitem__)
    print(json.dumps([b.run(cell) for cell in AFTER]))


def missing(shell, file):
    """Without its blobs a value is a placeholder, and the others are there."""
    with open(file, "rb") as received:
        state = pickle.load(received)
    b = run.Executor(shell, "b")

    def fetch(digest):
        raise MissingBlobError("its server is gone")

    for inline in state["changes"]:
        b.state.apply(inline, fetch)
    print(json.dumps([b.run(cell) for cell in ("print(x, inc())", "len(big)")]))


def damage(shell, file):
    with open(file, "rb") as received:
        state = pickle.load(received)
    snapshot = state["snapshot"]
    rng, refused, taken = random.Random(1), 0, 0
    for length in [0, 5, 9, 20, len(snapshot) // 2]:
        refused += _is_refused(shell, snapshot[:length], state["blobs"])
    for _ in range(60):
        damaged = bytearray(snapshot)
        damaged[rng.randrange(9, len(damaged))] ^= 1 << rng.randrange(8)
        if _is_refused(shell, bytes(damaged), state["blobs"]):
            refused += 1
        else:
            taken += 1
    print(json.dumps({"refused": refused, "taken": taken}))


def _is_refused(shell, inline, blobs):
    def attempt(shell, case, received):
        try:
            KernelState(shell, "b").apply(inline, blobs.__getitem__)
            return {"refused": False}
        except StateFormatError:
            return {"refused": True}

    answer = run.in_fork(attempt, shell, None, None)
    if isinstance(answer, str):
        raise AssertionError(answer)
    return answer["refused"]


class Programs:
    """Random cells that bind, share, change and delete; the same for the same seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.names = ["a", "b", "c", "d", "e"]

    def name(self):
        return self.rng.choice(self.names)

    def expression(self):
        rng, n = self.rng, self.name
        return rng.choice([
            lambda: str(rng.randrange(100)), lambda: f"[{n()}, {rng.randrange(9)}]", lambda: n(),
            lambda: f"{{'k': {n()}}}", lambda: f"K({n()})", lambda: f"make({n()})", lambda: f"(lambda: {n()})",
            lambda: f"box({n()})", lambda: "K", lambda: f"[{n()}] * 2", lambda: f"({n()}, {n()})", lambda: "[]", lambda: "K([])",
        ])()

    def statement(self):
        rng, n, e = self.rng, self.name, self.expression
        return rng.choice([
            lambda: f"{n()} = {e()}", lambda: f"{n()} = {n()} = {e()}", lambda: f"{n()}.append({n()})",
            lambda: f"{n()}.v = {e()}", lambda: f"{n()}['k'] = {e()}", lambda: f"{n()}[0] = {e()}",
            lambda: f"del {n()}", lambda: f"{n()}()", lambda: f"put({n()}, {n()})", lambda: f"K.shared.append({n()})",
            lambda: f"{n()} += [{e()}]", lambda: f"exec('{n()} = {n()}')", lambda: f"K.w = {e()}",
            lambda: f"{n()}, {n()} = {n()}, {e()}", lambda: f"for {n()} in [{e()}, {e()}]: pass", lambda: f"store({e()})",
            lambda: f"{n()} = [{n()} for _ in range(2)]", lambda: "globals()['a'] = b", lambda: f"{n()} = bump.__closure__",
            lambda: f"{n()} = bump()", lambda: f"setattr({n()}, 'v', {n()})", lambda: f"{n()}.v.append({e()})",
        ])()

    def cell(self):
        return "\n".join(f"try: {s}\nexcept Exception as error: print(type(error).__name__)" if not s.startswith("for")
                         else s for s in (self.statement() for _ in range(self.rng.randrange(1, 5))))

    def case(self, seed):
        import corpus

        first = ("class K:\n    shared = []\n    w = None\n    def __init__(self, v): self.v = v\n"
                 "    def __call__(self): K.shared.append(self.v); return self\n"
                 "def make(v):\n    def inner(): return v\n    return inner\n"
                 "def box(v): return {'k': [v]}\n"
                 "def put(x, y): x.append(y)\n"
                 "def store(v):\n    global e\n    e = v\n"
                 "def counter():\n    n = [0]\n    def bump(): n[0] += 1; return n\n    return bump\n"
                 "bump = counter(); a = []; b = [a]; c = K(a); d = {'k': b}; e = make(a)")
        cells = [first] + [self.cell() for _ in range(12)]
        return corpus.Case(f"seed {seed}", cells[:9], cells[9:], (), (), [])


def random_programs(shell, seed, count):
    for s in range(seed, seed + count):
        problems = [p for p in run.problems_of(shell, Programs(s).case(s)) if not p.startswith("lost ")]
        print(json.dumps({"case": f"seed {s}", "problems": problems}), flush=True)


def slow(shell):
    """Each look at the clock finds it a second later."""
    told, seconds = [], iter(range(10**9))
    state = KernelState(shell, "a", patience=Patience(lambda what, taken: told.append([what, taken]), lambda: next(seconds)))

    def cell(code):
        del told[:]
        state.begin()
        run.run_cell(shell, code)
        state.capture()
        return list(told)

    print(json.dumps([cell("few = [1]"), cell("many = [str(i) for i in range(200000)]"), cell("few.append(2)"), cell("many.append(1)")]))


def cost(shell):
    found = {}
    state = KernelState(shell, "a")

    def cell(code):
        state.begin()
        run.run_cell(shell, code)
        before = state.pickled_roots
        inline, blobs = state.capture().encode()
        return {"roots": state.pickled_roots - before, "bytes": len(inline) + sum(len(b.content) for b in blobs)}

    cell("x = [1]\ndef f(): x.append(1)")
    found["few names"] = cell("f(); y = 5")
    cell("for i in range(10000): globals()[f'v{i}'] = [i]")
    found["10,000 names"] = cell("f(); y = 6")
    found["one of 10,000"] = cell("v77.append(1)")
    found["touched, unchanged"] = cell("len(v78)")
    import importlib.util

    if importlib.util.find_spec("numpy"):
        cell("import numpy as np\nbig = np.zeros(1 << 22)")  # 32 MiB
        found["array unchanged"] = cell("big.sum()")
        found["array and a scalar"] = cell("s = big.sum()")
        found["array, one per cent"] = cell("big[100000:100000 + big.size // 100] = np.random.rand(big.size // 100)")
        found["array, another name"] = cell("other = big")
        found["array size"] = {"roots": 0, "bytes": 1 << 25}
    print(json.dumps(found))


if __name__ == "__main__":
    the_shell = run.new_shell()
    command = sys.argv[1]
    if command == "state":
        write_state(the_shell, sys.argv[2])
    elif command in ("changes", "snapshot"):
        apply_state(the_shell, sys.argv[2], command)
    elif command == "missing":
        missing(the_shell, sys.argv[2])
    elif command == "damage":
        damage(the_shell, sys.argv[2])
    elif command == "random":
        random_programs(the_shell, int(sys.argv[2]), int(sys.argv[3]))
    elif command == "slow":
        slow(the_shell)
    else:
        cost(the_shell)
    sys.stdout.flush()
    os._exit(0)
