"""A cell's reply as it goes into the log with what the cell changed, so that another server can give it.

It is bounded: the log is for state. What is too long for it is left out, least needed first.
"""

from typing import Any, Callable, Dict, Optional

LIMIT = 64 << 10  # bytes; the agent keeps no longer one
_LONGEST_TEXT = 4 << 10  # characters of an error's text and of its traceback, when the whole is too long


def kept_reply(reply: Optional[Dict[str, Any]], pack: Callable[[Any], bytes]) -> Optional[str]:
    """The reply's JSON; None when there is no reply, or it cannot be sent at all."""
    if reply is None:
        return None
    try:
        packed = pack(reply)
        if len(packed) > LIMIT:
            packed = pack(_shortened(reply))
        return packed.decode("utf-8") if len(packed) <= LIMIT else None
    except Exception:  # what the user's code put into it; the session has its own word on that when it sends it
        return None


def _shortened(reply: Dict[str, Any]) -> Dict[str, Any]:
    short = {"user_expressions": {}, "payload": []}
    for name in ("status", "execution_count", "ename", "evalue", "traceback"):
        if name in reply:
            short[name] = _short(reply[name])
    return short


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "..."
    if isinstance(value, list):  # of a traceback the end says most
        return [_short("\n".join(str(line) for line in value)[-_LONGEST_TEXT:])]
    return value
