"""Read the environment once, by type, and say what is wrong in words.

Nothing here raises at import: a wrong value is collected as a `Fault` and the
system check in `affiliate.checks` stops the start with the name and a hint, so that
an operator sees every fault at once instead of one traceback after another.
"""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from schwifty import IBAN

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Fault:
    """One variable that cannot be used, and what to write instead."""

    name: str
    problem: str
    hint: str


faults: list[Fault] = []


def text(name: str, default: str = "") -> str:
    """Return the variable, or `default` when it is absent or empty."""
    return os.environ.get(name, "") or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; an unknown word is a fault and gives `default`."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in _TRUE:
        return True
    if word not in _FALSE:
        faults.append(Fault(name, f"{raw!r} is neither yes nor no.", "Write 1 or 0."))
        return default
    return False


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number within `least..most`; else a fault and `default`."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    hint = f"Write a whole number from {least} to {most}."
    if not raw.isascii() or not raw.isdigit():
        faults.append(Fault(name, f"{raw!r} is not a whole number.", hint))
        return default
    value = int(raw)
    if not least <= value <= most:
        faults.append(Fault(name, f"{value} is out of range.", hint))
        return default
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list without blanks."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [word.strip() for word in raw.split(",") if word.strip()]


def url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """Return a URL of one of `schemes`, or `default`; else a fault and a stand-in."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not _is_url(raw, schemes):
        # The value itself is not repeated: it may hold a password.
        hint = "Begin with " + " or ".join(f"{scheme}://" for scheme in schemes)
        hint += ", and end the host with a port of digits, if any."
        faults.append(Fault(name, "is not a URL this setting can use.", hint))
        # Not the default: others read the same variable and may have it from there.
        return f"{schemes[0]}://localhost/"
    return raw


def _is_url(raw: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(raw)
        _ = parts.port  # reads it: a ValueError is what it is for
    except ValueError:
        return False
    return parts.scheme in schemes


def iban(name: str, default: str) -> str:
    """Return an account number without blanks; else a fault and `default`."""
    raw = "".join(os.environ.get(name, "").split()).upper()
    if not raw:
        return default
    if not IBAN(raw, allow_invalid=True).is_valid:
        hint = "Copy it from the bank's own papers; its check digits do not fit."
        faults.append(Fault(name, "is not an IBAN.", hint))
        return default
    return raw
