"""What executor and standbys agree on: definitions by number, and groups of roots with what was last shipped of them.

A *root* is where a value hangs: ``n`` with a name, ``o`` with the number of an output, ``d`` with the number of a
definition, ``c`` with the id of a comm, ``t`` with the name of a comm target. A *group* is a set of roots whose values share mutable objects, so that they can only travel together.
"""

from typing import Any, Dict, List, NamedTuple, Set, Tuple

from .blocks import Blocks
from .book import Book
from .comms import Comms
from .environment import Environment

Root = str


class Group(NamedTuple):
    """A group as it was last shipped."""

    number: int
    roots: Tuple[Root, ...]
    digest: bytes  # of the pickle, its large memory left out
    memories: List[Blocks]
    owners: Set[Any]  # addresses of the mutable objects in it; none in a standby
    lost: Dict[str, str]


class Ledger:
    """One for each kernel process, whichever role it has."""

    def __init__(self, shell: Any, origin: str) -> None:
        self.shell = shell
        self.origin = origin
        self.book = Book(shell.user_ns)
        self.environment = Environment(shell)
        self.comms = Comms(shell)
        self.groups: Dict[int, Group] = {}
        self.group_of: Dict[Root, int] = {}
        self.owner_group: Dict[Any, int] = {}
        self._with_memory: Set[int] = set()  # these groups have large memory
        self._with_losses: Set[int] = set()  # and these something that cannot be copied
        self.definition_parts: Dict[int, bytes] = {}  # digest of what makes and wires each, as last shipped
        self.next_group = 1
        self.sequence = 0
        self.hidden = {**shell.user_ns_hidden, **shell.user_ns}

    def put(self, group: Group) -> None:
        """Takes a group in; its roots leave the groups that they were in."""
        self.groups[group.number] = group
        for root in group.roots:
            self.group_of[root] = group.number
        for owner in group.owners:
            self.owner_group[owner] = group.number
        if group.memories:
            self._with_memory.add(group.number)
        if group.lost:
            self._with_losses.add(group.number)
        self.next_group = max(self.next_group, group.number + 1)

    def remove(self, number: int) -> None:
        """Forgets a group."""
        group = self.groups.pop(number, None)
        if group is None:
            return
        self._with_memory.discard(number)
        self._with_losses.discard(number)
        for root in group.roots:
            if self.group_of.get(root) == number:
                del self.group_of[root]
        for owner in group.owners:
            if self.owner_group.get(owner) == number:
                del self.owner_group[owner]

    def forget(self) -> None:
        """As if nothing had been shipped. Numbers are not used again."""
        for number in list(self.groups):
            self.remove(number)
        self.definition_parts.clear()
        self.environment.forget()

    def known_blobs(self) -> Set[bytes]:
        """The large memory that is part of the state as last shipped."""
        memories = [blocks for number in self._with_memory for blocks in self.groups[number].memories]
        return {blocks.digest(i) for blocks in memories for i in range(blocks.count)}

    def lost(self) -> Dict[str, str]:
        """What cannot be copied: names, each with the reason."""
        found: Dict[str, str] = {}
        for number in sorted(self._with_losses):
            found.update(self.groups[number].lost)
        return found

    def is_tracked(self, name: Any, value: Any) -> bool:
        """Whether a name is the user's: not one that IPython put there, unless it has another value by now."""
        if type(name) is not str or name in _SHELLS_OWN or (name[:2] == "_i" and (name[2:].isdigit())):
            return False
        missing = self.hidden.get(name, self)
        return missing is not value


_SHELLS_OWN = frozenset({"In", "Out", "_ih", "_oh", "_dh", "_i", "_ii", "_iii", "__builtins__", "__builtin__"})
