"""Where the platform is, and the token to show it."""

import json
import os
from typing import NamedTuple


class PlatformError(RuntimeError):
    """What a person is told: what was wanted, what was found, what to do."""


class Address(NamedTuple):
    """A gateway and the token that it wants; ``start`` says what starts one that does not answer."""

    url: str
    token: str
    start: str


def of_data_directory(directory: str) -> Address:
    """The gateway that runs now for a data directory: it may have another port after each start."""
    start = f"start the platform with './notebook up --detach --data {directory}'"
    try:
        with open(os.path.join(directory, "run", "processes.json"), encoding="utf-8") as file:
            url = json.load(file)["gateway"]
    except (OSError, ValueError, KeyError) as e:
        raise PlatformError(f"no notebook platform was started with the data directory {directory}: {start}") from e
    return Address(url.rstrip("/"), _read_token(os.path.join(directory, "secrets", "token")), start)


def of_url(url: str, token_file: str) -> Address:
    """A gateway that was named."""
    return Address(url.rstrip("/"), _read_token(token_file), "is the platform up there?")


def _read_token(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as e:
        raise PlatformError(f"cannot read the notebook platform's token in {path}: {e.strerror}") from e
