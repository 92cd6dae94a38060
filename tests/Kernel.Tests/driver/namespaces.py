"""Random changes of a dictionary, and what is found of them between two looks, against a plain comparison.

    namespaces.py SEED COUNT      prints how many were tried, in place and with the portable reading, as JSON
"""

import json
import os
import random
import sys

sys.path.insert(0, os.environ["NOTEBOOK_KERNEL"])

from notebook_kernel.state import tables  # noqa: E402
from notebook_kernel.state.bindings import Bindings  # noqa: E402

STEPS = 100


def change(rng, space, keep, has_numbers):
    """One change: new names, other values, deleted names, all names deleted."""
    name = rng.choice([f"n{rng.randrange(60)}", f"n{rng.randrange(2000)}", *([rng.randrange(20)] if has_numbers else [])])
    kind = rng.random()
    if kind < 0.6:
        keep.append(object())  # alive, so that its address is no later object's
        space[name] = keep[-1]
    elif kind < 0.95:
        space.pop(name, None)
    elif kind < 0.955:
        space.clear()
    elif space:
        space[name] = rng.choice(list(space.values()))


def try_one(seed):
    """Raises AssertionError where something is missed or made up."""
    rng, space, keep = random.Random(seed), {}, []
    bindings, before = Bindings(), {}
    for step in range(STEPS):
        for _ in range(rng.choice([0, 1, 3, 50])):
            change(rng, space, keep, has_numbers=seed % 3 == 0)
        changed, removed = bindings.take(space)
        now = {name: id(value) for name, value in space.items()}
        expected = {name for name in now if before.get(name) != now[name]}
        # A name that was deleted and made again may be looked at although its value is the same.
        assert expected <= set(changed) <= set(now), f"seed {seed}, step {step}: {expected ^ set(changed)}"
        assert set(removed) == set(before) - set(now), f"seed {seed}, step {step}: removed {removed}"
        if not before.keys() - now.keys() and step % 2:
            assert len(changed) <= len(expected) + 50, f"seed {seed}, step {step}: {len(changed)} of {len(now)} looked at"
        before = now


def main(first, count):
    found = {}
    for way in (("in place", "portable") if tables.LAYOUT_IS_KNOWN else ("portable",)):
        tables.LAYOUT_IS_KNOWN = way == "in place"
        for seed in range(first, first + count):
            try_one(seed)
        found[way] = count
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
