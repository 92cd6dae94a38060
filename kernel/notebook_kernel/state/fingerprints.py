"""Fingerprints of memory at about the speed at which it can be read: Poly1305, as OpenSSL has it (RFC 8439).

They only tell this process which blocks it has named before, so that a name, which is a SHA-256, is computed again only
for new content. Under a key that is chosen at random and told to nobody, two different blocks of n bytes have the same
fingerprint with a probability of at most n / 2^105, whatever is in them: 2^-87 for 256 KiB, and 2^-53 for any two of
a hundred thousand blocks. That is a bound, not a hope, as it would be for checksums that were made to find line errors.
"""

import _hashlib
import ctypes
import os
from typing import Any, Optional

SIZE = 16
_KEY_SIZE = 32
# RFC 8439, 2.5.2.
_TEST_KEY = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
_TEST_TEXT, _TEST_TAG = b"Cryptographic Forum Research Group", bytes.fromhex("a8061dc1305136c6c22b8baf0c0127a9")


class Fingerprints:
    """Under one key. From several threads: the interpreter lock is not held."""

    def __init__(self, library: Any, algorithm: Any, key: bytes) -> None:
        self._library, self._algorithm, self._key = library, algorithm, key

    def of(self, address: int, size: int) -> bytes:
        """Of some memory."""
        library, tag = self._library, ctypes.create_string_buffer(SIZE)
        context = library.EVP_MAC_CTX_new(self._algorithm)
        is_done = (context and library.EVP_MAC_init(context, self._key, len(self._key), None)
                   and library.EVP_MAC_update(context, address, size)
                   and library.EVP_MAC_final(context, tag, None, SIZE))
        library.EVP_MAC_CTX_free(context)
        if not is_done:
            raise MemoryError("OpenSSL cannot compute a fingerprint")
        return tag.raw


def find_fingerprints() -> Optional[Fingerprints]:
    """With a new key; None where the OpenSSL that Python's ``hashlib`` uses is not to be had, or has no Poly1305."""
    try:
        library = ctypes.CDLL(_hashlib.__file__)
        for name, result, arguments in (
                ("EVP_MAC_fetch", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]),
                ("EVP_MAC_CTX_new", ctypes.c_void_p, [ctypes.c_void_p]),
                ("EVP_MAC_CTX_free", None, [ctypes.c_void_p]),
                ("EVP_MAC_init", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]),
                ("EVP_MAC_update", ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]),
                ("EVP_MAC_final", ctypes.c_int,
                 [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t])):
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        algorithm = library.EVP_MAC_fetch(None, b"POLY1305", None)
    except (AttributeError, OSError):  # another OpenSSL, or one built into Python
        return None
    if not algorithm:
        return None
    text = ctypes.create_string_buffer(_TEST_TEXT, len(_TEST_TEXT))
    tag = Fingerprints(library, algorithm, _TEST_KEY).of(ctypes.addressof(text), len(_TEST_TEXT))
    return Fingerprints(library, algorithm, os.urandom(_KEY_SIZE)) if tag == _TEST_TAG else None
