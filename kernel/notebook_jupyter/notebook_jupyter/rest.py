"""The gateway's REST calls. They block: call them off the event loop."""

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Callable, Optional, Tuple

from .address import Address, PlatformError

ANSWER_BYTES_MAX = 16 << 20
RETRY_SECONDS = 0.25


class Unavailable(PlatformError):
    """The gateway does not answer, or says 503: that passes by itself, and nobody's kernel has died of it."""


class Gateway:
    """Calls of one gateway.

    :param find: says where the gateway is; asked at each call, for a platform that was started anew.
    """

    def __init__(self, find: Callable[[], Address]) -> None:
        self._find = find

    def call(self, method: str, path: str, body: Any = None, timeout: float = 10.0) -> Tuple[int, Any]:
        """One call; gives the HTTP status and what the JSON of the answer says."""
        address = self._find()
        request = urllib.request.Request(
            f"{address.url}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"token {address.token}", "Content-Type": "application/json"},
        )
        try:
            with _opener(address.url).open(request, timeout=timeout) as response:
                return response.status, _read(response)
        except urllib.error.HTTPError as e:
            with e:
                status, answer = e.code, _read(e)
        except (OSError, http.client.HTTPException) as e:
            reason = getattr(e, "reason", None) or e
            raise Unavailable(f"the notebook platform at {address.url} does not answer ({reason}): {address.start}") from e
        if status == 503:
            raise Unavailable(f"the notebook platform cannot do this just now: {said(answer)}")
        return status, answer

    def call_within(self, seconds: float, method: str, path: str, body: Any = None, timeout: float = 10.0) -> Tuple[int, Any]:
        """The same, again and again while the gateway is unavailable: for calls that may be repeated."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.call(method, path, body, timeout)
            except Unavailable:
                if time.monotonic() >= end:
                    raise
                time.sleep(RETRY_SECONDS)

    def is_local(self) -> bool:
        """Whether the gateway is named by an address of this machine alone."""
        return is_loopback(urllib.parse.urlsplit(self._find().url).hostname)


def said(answer: Any) -> str:
    """What the gateway says of a refusal."""
    answer = answer if isinstance(answer, dict) else {}
    return str(answer.get("message") or answer.get("reason") or "it does not say why")


def is_loopback(host: Optional[str]) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _opener(url: str) -> urllib.request.OpenerDirector:
    # A proxy for the world outside does not know this machine.
    local = is_loopback(urllib.parse.urlsplit(url).hostname)
    return urllib.request.build_opener(urllib.request.ProxyHandler({}) if local else urllib.request.ProxyHandler())


def _read(response: Any) -> Any:
    try:
        return json.loads(response.read(ANSWER_BYTES_MAX) or b"null")
    except ValueError:
        return None
