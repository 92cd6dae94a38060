"""IPython's history, kept the same in all processes of a kernel.

There it is three things: lists of what was run, the texts of what came out, and a database (in memory, decision 10) that
clients' requests for the last lines, and searches, are answered from.
"""

from typing import Any, Dict, Iterator, Tuple

MAX_SHOWN = 16 << 10  # characters of a result's text that travel with its cell


def number_history(manager: Any, session: int) -> None:
    """The session that clients see: it counts the kernel's starts, not its processes."""
    manager.session_number = max(session, manager.session_number)  # nothing has been run yet, so no line has another


def new_inputs(manager: Any, first: int) -> Dict[str, Any]:
    """What was run from a line on: as parsed, as typed, and the text of the result where there is one."""
    parsed, raw, shown = manager.input_hist_parsed, manager.input_hist_raw, manager.output_hist_reprs
    inputs = []
    for number in range(first, min(len(parsed), len(raw))):
        line = [parsed[number], raw[number]]
        text = shown.get(number)
        if isinstance(text, str) and len(text) <= MAX_SHOWN:
            line.append(text)
        inputs.append(line)
    return {"first": first, "inputs": inputs}


def take_inputs(manager: Any, history: Dict[str, Any]) -> Iterator[Tuple[int, str, str]]:
    """Takes over what another process ran from a line on, in place of what is there. Gives number, parsed and raw input of each."""
    first = history["first"]
    if first < len(manager.input_hist_parsed):
        _forget(manager, first)
    for number, (parsed, raw, *shown) in enumerate(history["inputs"], first):
        manager.input_hist_parsed.append(parsed)
        manager.input_hist_raw.append(raw)
        manager.db_input_cache.append((number, parsed, raw))
        if shown:
            manager.output_hist_reprs[number] = shown[0]
        yield number, parsed, raw


def _forget(manager: Any, first: int) -> None:
    del manager.input_hist_parsed[first:]
    del manager.input_hist_raw[first:]
    for number in [n for n in manager.output_hist_reprs if n >= first]:
        del manager.output_hist_reprs[number]
    if not manager.enabled:
        return
    manager.writeout_cache()
    with manager.db:
        manager.db.execute("DELETE FROM history WHERE session = ? AND line >= ?", (manager.session_number, first))
