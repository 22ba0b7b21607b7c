"""Reads the dated rules of restricted goods (rule P5, law.md §2)."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

GATES = ("BLOCK", "LICENCE", "AGE18", "NOTICE", "CLAIMS", "REVIEW")
PLATFORMS = ("instagram", "tiktok", "youtube", "twitch", "blog", "newsletter")
_EVERYWHERE = "*"
_UNSIGNED = ("C", "U")


@dataclass(frozen=True)
class Rule:
    """What one source asks of one kind of goods in some places, for a time."""

    code: str
    places: tuple[str, ...]
    gates: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    source: str
    confidence: str

    def holds(self, day: date) -> bool:
        """Say whether it is in force on a day; `valid_until` is the last one."""
        is_over = self.valid_until is not None and self.valid_until < day
        return self.valid_from <= day and not is_over

    def reaches(self, countries: list[str], platforms: list[str]) -> bool:
        """Say whether it holds in one of these; nothing named is anywhere."""
        if _EVERYWHERE in self.places:
            return True
        return any(
            not named or place in named
            for place in self.places
            for named in (platforms if place in PLATFORMS else countries,)
        )


@cache
def in_file() -> tuple[Rule, ...]:
    """Return every rule of the file, read once a process."""
    text = Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    return tuple(
        Rule(
            code=row["code"],
            places=tuple(row["places"]),
            gates=tuple(_signed(gate, row["confidence"]) for gate in row["gates"]),
            valid_from=row["from"],
            valid_until=row.get("until"),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in tomllib.loads(text)["rule"]
    )


def codes() -> list[str]:
    """Return the kinds of restricted goods, sorted."""
    return sorted({rule.code for rule in in_file()})


def _signed(gate: str, confidence: str) -> str:
    """Let a person look where no lawyer has signed that it is forbidden."""
    return "REVIEW" if gate == "BLOCK" and confidence in _UNSIGNED else gate
