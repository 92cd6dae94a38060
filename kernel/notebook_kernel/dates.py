"""The dates in messages, read faster."""

from datetime import datetime
from typing import Any

from jupyter_client import jsonutil


def read_dates_quickly() -> None:
    """jupyter_client reads the date of each message with dateutil, which takes a good part of what a small cell takes.
    Python reads the usual form itself, from 3.11 on; any other form goes where it went."""
    general = getattr(jsonutil, "_dateutil_parse", None)
    if general is None:  # a version that reads them in another way
        return

    def parse(text: str, *arguments: Any, **options: Any) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return general(text, *arguments, **options)

    jsonutil._dateutil_parse = parse
