"""What was done to a list of folders, in a form that can be done to another server's list.

Of the entries of the list as it is now, as many as can be are taken for those that it began with: *own* ones. Where two
servers begin with the same list, applying the edits of the one gives the same list on the other.
"""

from typing import List, NamedTuple, Tuple, Union


class PathEdits(NamedTuple):
    """What was done."""

    removed: List[str]  # own entries
    order: List[str]  # the own entries that are left, when their order is another
    added: List[Tuple[int, str]]  # each after how many own entries; -1: after all of them
    is_reordered: bool


NO_EDITS = PathEdits([], [], [], False)


def edits_of(baseline: List[str], now: List[str], earlier: PathEdits) -> PathEdits:
    """What leads from one list to the other. Earlier edits may be of entries that only another server has."""
    left = list(baseline)
    kept: List[str] = []
    added: List[Tuple[int, str]] = []
    for entry in now:
        if entry in left:
            left.remove(entry)
            kept.append(entry)
        else:
            added.append((len(kept), entry))
    at_end = len(kept)
    removed = [entry for entry in earlier.removed if entry not in baseline] + left
    is_reordered = earlier.is_reordered or kept != _without(baseline, removed)
    return PathEdits(removed, kept if is_reordered else [],
                     [(-1 if 0 < at_end == after else after, entry) for after, entry in added], is_reordered)


def edited(baseline: List[str], edits: PathEdits) -> List[str]:
    """The list with the edits done to it."""
    own = _without(baseline, edits.removed)
    if edits.is_reordered:
        own = _reordered(own, edits.order)
    result: List[str] = []
    waiting = [(len(own) if after < 0 else min(after, len(own)), entry) for after, entry in edits.added]
    for count in range(len(own) + 1):
        result += [entry for after, entry in waiting if after == count]
        result += own[count:count + 1]
    return result


def _without(entries: List[str], removed: List[str]) -> List[str]:
    left = list(entries)
    for entry in removed:
        if entry in left:
            left.remove(entry)
    return left


def _reordered(entries: List[str], order: List[str]) -> List[str]:
    """The entries that are named by the order change places among themselves; the others stay where they are."""
    spare = list(entries)
    named: List[str] = []
    for entry in order:
        if entry in spare:
            spare.remove(entry)
            named.append(entry)
    places: List[Union[str, None]] = list(entries)
    for entry in named:
        places[places.index(entry)] = None
    ordered = iter(named)
    return [next(ordered) if place is None else place for place in places]
