"""The marketplace file read into plain terms: who offers what to whom, and who sells.

"Lower id" and "older" mean earlier in the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.stories.oracle.facts import instant

Named = tuple[str, str]  # ("group", "gold"), ("category", "care"), ("everyone", "")


@dataclass(frozen=True)
class Window:
    """A time [starts_at, ends_at); a missing end is open."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether `at` lies in the window."""
        return not self.is_before(at) and not self.is_over(at)

    def is_before(self, at: datetime) -> bool:
        """Say whether `at` is too early."""
        return self.starts_at is not None and at < self.starts_at

    def is_over(self, at: datetime) -> bool:
        """Say whether `at` is too late."""
        return self.ends_at is not None and at >= self.ends_at


@dataclass(frozen=True)
class Term:
    """For whom (creator, group, everyone) and on what (product, category, all)."""

    id: int
    who: Named
    what: Named
    window: Window


@dataclass(frozen=True)
class Rate(Term):
    """A percentage, or a flat amount for each unit."""

    rate_bp: int | None = None
    flat_cents: int | None = None


@dataclass(frozen=True)
class Boost(Term):
    """A multiplier on the rate, in percent."""

    name: str = ""
    multiplier_pct: int = 100


# How long creators are told ahead of what is worse for them (P3).
NOTICE = timedelta(hours=360)
_POLICIES = ["if_winner", "if_involved", "always"]


@dataclass(frozen=True)
class Wish:
    """What a shop said at a moment: a setting is to have this value from then on.

    None takes back what is planned for it.
    """

    at: datetime
    name: str
    value: Any


def is_worse(name: str, before: Any, after: Any) -> bool:
    """Say whether creators lose by it: a later payment, or fewer orders that count."""
    if name == "code_policy":
        return _POLICIES.index(after) < _POLICIES.index(before)
    if name in ("window_days", "halo"):
        return bool(after < before)
    return bool(after > before)


@dataclass
class Program:
    """The terms of one program."""

    slug: str
    rate_bp: int
    cap_bp: int = 8000
    code_policy: str = "always"
    window_days: int = 30
    hold_days: int = 30
    shipping_days: int = 5
    halo: bool = True
    catalogue_only: bool = False
    periods: list[Window] = field(default_factory=lambda: [Window()])
    groups: dict[str, set[str]] = field(default_factory=dict)
    rates: list[Rate] = field(default_factory=list)
    boosts: list[Boost] = field(default_factory=list)
    exclusions: list[Term] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    stays: dict[tuple[str, str], list[Window]] = field(default_factory=dict)

    def setting(self, name: str, at: datetime) -> Any:
        """Tell what a setting was for an order placed at `at` (R4, P3).

        The wishes are gone through as they were said. What is no worse holds from then
        on; the rest 360 hours later, if nothing else is said of it before that.
        """
        held, plan = [(None, getattr(self, name))], None
        for wish in self.wishes:
            if wish.name != name:
                continue
            if plan and plan[0] <= wish.at:
                held.append(plan)
                plan = None
            now = held[-1][1]
            value = now if wish.value is None else wish.value
            if value == (plan[1] if plan else now):
                continue
            plan = (wish.at + NOTICE, value) if is_worse(name, now, value) else None
            if plan is None:
                held.append((wish.at, value))
        begun = [*held, plan] if plan else held
        return [value for start, value in begun if start is None or start <= at][-1]

    def is_in(self, group: str, creator: str, at: datetime) -> bool:
        """Say whether a creator was in a group for orders placed at `at` (R4)."""
        if (group, creator) in self.stays:
            return any(stay.holds(at) for stay in self.stays[group, creator])
        return creator in self.groups[group]

    def join(self, group: str, creator: str, at: datetime) -> None:
        """Put someone into a group; who is on notice stays."""
        stays = self._stays(group, creator)
        if stays and not stays[-1].is_over(at):
            stays[-1] = Window(stays[-1].starts_at, None)
        else:
            stays.append(Window(at, None))

    def leave(self, group: str, creator: str, at: datetime, notice: timedelta) -> None:
        """Let someone go after this notice; who is on notice, or out, changes nothing.

        Whoever was in was in for an instant.
        """
        stays = self._stays(group, creator)
        if stays and stays[-1].ends_at is None:
            start, end = stays[-1].starts_at, at + notice
            if start is not None:
                end = max(end, start + timedelta(microseconds=1))
            stays[-1] = Window(start, end)

    def _stays(self, group: str, creator: str) -> list[Window]:
        since_ever = [Window()] if creator in self.groups[group] else []
        return self.stays.setdefault((group, creator), since_ever)

    def is_active(self, at: datetime) -> bool:
        """Say whether the program ran at `at`."""
        return any(period.holds(at) for period in self.periods)


@dataclass
class Shop:
    """The shop and its catalogue."""

    slug: str
    country: str
    time_zone: ZoneInfo
    parents: dict[str, str | None] = field(default_factory=dict)
    products: dict[str, str | None] = field(default_factory=dict)
    paths: dict[str, list[Named]] = field(default_factory=dict, repr=False)

    def path(self, sku: str) -> list[Named]:
        """List what a stock code falls under: itself, then its categories upwards."""
        if sku not in self.paths:
            self.paths[sku] = self._find_path(sku)
        return self.paths[sku]

    def _find_path(self, sku: str) -> list[Named]:
        if sku not in self.products:
            return []
        found, category = [("product", sku)], self.products[sku]
        while category is not None:
            found.append(("category", category))
            category = self.parents[category]
        return found


@dataclass(frozen=True)
class Enrollment:
    """One creator in one program."""

    creator: str
    program: Program
    window: Window


@dataclass(frozen=True)
class Link:
    """A link of an enrollment, to one product or to the shop."""

    slug: str
    enrollment: Enrollment
    product: str | None


@dataclass(frozen=True)
class Code:
    """A code of an enrollment; compared without regard to case."""

    id: int
    text: str
    enrollment: Enrollment
    window: Window
    max_uses: int | None
    is_retired: bool


@dataclass(frozen=True)
class Click:
    """One visit through a link."""

    id: str
    link: Link
    at: datetime
    is_bot: bool = False


@dataclass
class Creator:
    """What the payout needs to know of a creator."""

    handle: str
    has_tax_data: bool
    has_bank_account: bool
    bank_on_hold_until: datetime | None = None


@dataclass
class Market:
    """Everything the marketplace file says."""

    shop: Shop
    programs: dict[str, Program]
    creators: dict[str, Creator]
    codes: dict[str, list[Code]]
    clicks: dict[str, Click]


def load(file: Mapping[str, Any]) -> Market:
    """Read a marketplace file with one shop."""
    (raw,) = file["shops"]
    shop = Shop(
        slug=raw["slug"],
        country=raw["country"],
        time_zone=ZoneInfo(raw["time_zone"]),
        parents={c["slug"]: c.get("parent") for c in raw.get("categories", [])},
        products={p["sku"]: p.get("category") for p in raw.get("products", [])},
    )
    programs = {p["slug"]: _program(p) for p in raw["programs"]}
    market = Market(shop, programs, {}, {}, {})
    links: dict[str, Link] = {}
    for creator in file.get("creators", []):
        market.creators[creator["handle"]] = _creator(creator)
        for enrollment in creator.get("enrollments", []):
            _enroll(market, creator["handle"], enrollment, links)
    for click in file.get("clicks", []):
        market.clicks[click["id"]] = Click(
            id=click["id"],
            link=links[click["link"]],
            at=instant(click["at"]),
            is_bot=click.get("bot", False),
        )
    return market


def _program(raw: Mapping[str, Any]) -> Program:
    plain = ["slug", "rate_bp", "cap_bp", "code_policy", "window_days", "hold_days"]
    plain += ["shipping_days", "halo", "catalogue_only"]
    program = Program(**{key: raw[key] for key in plain if key in raw})
    for group in raw.get("groups", []):
        program.groups[group["slug"]] = set(group["creators"])
    for n, rate in enumerate(raw.get("rates", []), 1):
        bp, flat = rate.get("rate_bp"), rate.get("flat_cents")
        program.rates.append(Rate(*_term(n, rate), bp, flat))
    for n, boost in enumerate(raw.get("boosts", []), 1):
        name, multiplier = boost["name"], boost["multiplier_pct"]
        program.boosts.append(Boost(*_term(n, boost), name, multiplier))
    for n, exclusion in enumerate(raw.get("exclusions", []), 1):
        named = ("product", "category")
        what = {key: exclusion[key] for key in named if key in exclusion}
        program.exclusions.append(Term(*_term(n, {**exclusion, "what": what})))
    if "periods" in raw:
        program.periods = [_window(period) for period in raw["periods"]]
    return program


def _term(n: int, raw: Mapping[str, Any]) -> tuple[int, Named, Named, Window]:
    return (
        n,
        _named(raw.get("who", "everyone")),
        _named(raw.get("what", "everything")),
        _window(raw),
    )


def _named(raw: str | Mapping[str, str]) -> Named:
    if isinstance(raw, str):
        return raw, ""
    ((kind, name),) = raw.items()
    return kind, name


def _window(raw: Mapping[str, Any]) -> Window:
    def end(*keys: str) -> datetime | None:
        for key in keys:
            if raw.get(key):
                return instant(raw[key])
        return None

    return Window(
        end("from", "starts_at", "since"), end("until", "ends_at", "ended_at")
    )


def _creator(raw: Mapping[str, Any]) -> Creator:
    account = raw.get("bank_account") or {}
    held = account.get("hold_until")
    return Creator(
        handle=raw["handle"],
        has_tax_data=bool(raw.get("tax")),
        has_bank_account=bool(account.get("verified")),
        bank_on_hold_until=instant(held) if held else None,
    )


def _enroll(
    market: Market, handle: str, raw: Mapping[str, Any], links: dict[str, Link]
) -> None:
    enrollment = Enrollment(handle, market.programs[raw["program"]], _window(raw))
    for link in raw.get("links", []):
        links[link["slug"]] = Link(link["slug"], enrollment, link.get("product"))
    for code in raw.get("codes", []):
        text = code["code"].upper()
        same = market.codes.setdefault(text, [])
        same.append(
            Code(
                id=len(same),
                text=text,
                enrollment=enrollment,
                window=_window(code),
                max_uses=code.get("max_uses"),
                is_retired=code.get("status") == "retired",
            )
        )
