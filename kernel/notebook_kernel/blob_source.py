"""Where a change's large memory comes from: the message itself, or the chunk files of this server's store."""

import hashlib
import os
from typing import Any, Dict, List, Optional

from .state import MissingBlobError

_KEPT_BYTES_MAX = 256 * 1024 * 1024  # of files, between the check that all are there and their use


class BlobSource:
    """The blobs for one change. Whatever it gives away is what its name says."""

    def __init__(self, buffers: Dict[bytes, Any], objects: Optional[str]) -> None:
        self._buffers = buffers
        self._objects = objects
        self._kept_bytes = 0
        self._checked: Dict[bytes, Any] = {}

    def missing(self, needed: Dict[bytes, int]) -> List[bytes]:
        """Those of the blobs that are nowhere, or damaged, or of another length."""
        return [digest for digest, length in needed.items() if not self._has(digest, length)]

    def fetch(self, digest: bytes) -> Any:
        """The bytes of a blob."""
        content = self._checked.get(digest)
        if content is None:
            content = self._read(digest)  # again: there were too many to keep them
        if content is None:
            raise MissingBlobError(f"blob {digest.hex()[:12]} is not here")
        return content

    def _has(self, digest: bytes, length: int) -> bool:
        content = self._buffers.get(digest)
        if content is not None and _is(digest, content):
            self._checked[digest] = content
            return len(content) == length
        content = self._read(digest)
        if content is None or len(content) != length:
            return False
        if self._kept_bytes + length <= _KEPT_BYTES_MAX:
            self._kept_bytes += length
            self._checked[digest] = content
        return True

    def _read(self, digest: bytes) -> Optional[bytes]:
        if self._objects is None:
            return None
        name = digest.hex()
        try:
            with open(os.path.join(self._objects, name[:2], name), "rb") as file:
                content = file.read()
        except OSError:  # not there, or a bad block: the same as damaged
            return None
        return content if _is(digest, content) else None


def _is(digest: bytes, content: Any) -> bool:
    return hashlib.sha256(content).digest() == digest
