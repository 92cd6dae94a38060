"""What captures remember from one to the next."""

from types import CodeType
from typing import Any, Dict, FrozenSet, Iterable, List, Set, Tuple

from .bindings import Bindings
from .comms import COMM, TARGET
from .ledger import Ledger, Root
from .names import NameCache
from .patience import Patience
from .pieces import Pieces


class Known:
    """Of one executor."""

    def __init__(self, ledger: Ledger, patience: Patience) -> None:
        self._ledger = ledger
        self._bindings, self._outputs = Bindings(), Bindings()
        self._comms: Dict[Root, int] = {}
        self.touched: Set[Root] = set()  # what is to be looked at beside what the code that ran leads to
        self.names = NameCache()
        self.pieces = Pieces(ledger, self._names_in_namespace, patience)
        self.codes: List[CodeType] = []  # what has run since the last capture
        self.told: Dict[str, Set[Tuple[int, str]]] = {}  # name -> what the user was told that it lost
        self.imports: Set[str] = set()
        self.namespace_names: Dict[int, Set[str]] = {}  # of a foreign namespace: what functions use of it

    def take_bindings(self) -> Tuple[List[Any], List[Any]]:
        """The names that were bound anew since the last call, and those that are gone."""
        return self._bindings.take(self._ledger.shell.user_ns)

    def take_outputs(self) -> Tuple[List[int], List[int]]:
        """As ``take_bindings``, of ``Out``."""
        changed, gone = self._outputs.take(self._ledger.shell.user_ns.get("_oh") or {})
        return [k for k in changed if type(k) is int], [k for k in gone if type(k) is int]

    def take_comms(self) -> Tuple[List[Root], List[Root]]:
        """As ``take_bindings``, of open comms and their targets."""
        now = self._ledger.comms.now()
        before, self._comms = self._comms, now
        if now == before:
            return [], []
        return [root for root, at in now.items() if before.get(root) != at], [root for root in before if root not in now]

    def comms_now(self) -> Iterable[Root]:
        """Those of the last ``take_comms``."""
        return self._comms

    def adopt_comms(self) -> None:
        """What a standby was given and could not make again is gone at the next look."""
        self._comms = {root: 0 for root in self._ledger.group_of if root[0] in (COMM, TARGET)}
        self._comms.update(self._ledger.comms.now())

    def forget(self) -> None:
        """No value counts as looked at."""
        self._comms = {}
        self._bindings, self._outputs = Bindings(), Bindings()

    def outputs_now(self) -> Dict[int, Any]:
        """``Out``, without what else the user may have put there."""
        return {k: v for k, v in (self._ledger.shell.user_ns.get("_oh") or {}).items() if type(k) is int}

    def _names_in_namespace(self, number: int) -> FrozenSet[str]:
        return frozenset(self.namespace_names.get(number, ()))
