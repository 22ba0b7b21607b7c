"""The people and the terms of the half-year: everything the months do not bring."""

from typing import Any

SHOP = "retail"
CURRENCY = "EUR"
PRODUCTS_WITH_LINKS = (
    "85123A",
    "22423",
    "47566",
    "84879",
    "20725",
    "21212",
    "22720",
    "22383",
    "22457",
    "84946",
)
# Always enrolled in `main`, each with a code and a link; the rule deals orders to them.
MAIN = (
    "ada",
    "bea",
    "cleo",
    "dina",
    "elsa",
    "fay",
    "gus",
    "jon",
    "kim",
    "ora",
    "pia",
    "quin",
    "tom",
)
FOCUS = ("rex", "sol", "xan")
CIRCLE = ("uma", "vic", "wyn")
# Reached by rules of their own: late joiner, leaver, boomerang, the two tiny ones.
OTHERS = ("hana", "ivo", "ned", "lou", "mia")
MORE_CODES: dict[str, dict[str, Any]] = {
    "cleo": {"code": "TOGETHER"},
    "ora": {"code": "ORA50", "max_uses": 50},
    "pia": {"code": "PIAOLD", "status": "retired"},
    "quin": {
        "code": "QUINFEB",
        "starts_at": "2011-01-15T00:00:00Z",
        "ends_at": "2011-03-15T00:00:00Z",
    },
}
OTHER_TIMES = {
    "hana": {"since": "2011-02-15T10:30:00Z"},
    "ivo": {"ended_at": "2011-03-15T12:00:00Z"},
}
WITHOUT_BANK = ("jon", "xan")
WITHOUT_TAX = ("kim", "xan")


def _the(kind: str, name: str) -> dict[str, str]:
    return {kind: name}


def groups() -> dict[str, list[dict[str, Any]]]:
    """List the groups of each program; dina is in two."""
    return {
        "main": [
            {"slug": "gold", "creators": ["cleo", "dina"]},
            {"slug": "spring", "creators": ["dina", "elsa"]},
        ],
        "focus": [{"slug": "inner", "creators": ["rex", "sol"]}],
        "circle": [{"slug": "core", "creators": ["uma", "vic"]}],
    }


Terms = list[dict[str, Any]]


def _rate(who: object, what: object, **terms: object) -> dict[str, Any]:
    return {"who": who, "what": what, **terms}


def _main_rates() -> Terms:
    everyone, everything = "everyone", "everything"
    ada, bea, fay = (_the("creator", name) for name in ("ada", "bea", "fay"))
    gold, spring = _the("group", "gold"), _the("group", "spring")
    heart, cakestand = _the("product", "85123A"), _the("product", "22423")
    february, april = "2011-02-01T00:00:00Z", "2011-04-01T00:00:00+01:00"
    in_spring = {"from": february, "until": "2011-05-01T00:00:00+01:00"}
    a_while = {"from": "2011-03-10T15:00:00Z", "until": "2011-04-20T00:00:00Z"}
    return [
        _rate(ada, heart, rate_bp=1500, until=february),
        _rate(ada, heart, rate_bp=900, **{"from": february}),
        _rate(ada, _the("category", "cat-22"), rate_bp=1300),
        _rate(ada, _the("category", "cat-2"), rate_bp=1125),
        _rate(bea, everything, rate_bp=1250, **{"from": "2011-01-10T12:00:00Z"}),
        _rate(fay, everything, flat_cents=12, **{"from": april}),
        _rate(gold, cakestand, flat_cents=75),
        _rate(gold, _the("category", "cat-84"), rate_bp=1400),
        _rate(gold, everything, rate_bp=950),
        _rate(spring, everything, flat_cents=9, **in_spring),
        _rate(everyone, _the("product", "84879"), rate_bp=400),
        _rate(everyone, cakestand, rate_bp=710),
        _rate(everyone, _the("category", "cat-21"), rate_bp=725),
        _rate(everyone, _the("category", "cat-8"), rate_bp=650),
        _rate(everyone, _the("category", "cat-85"), rate_bp=735),
        _rate(everyone, everything, rate_bp=850, **a_while),
    ]


def rates() -> dict[str, Terms]:
    """List the rates of each program: every rank of R2, percent and flat, windows."""
    rex, vic = _the("creator", "rex"), _the("creator", "vic")
    inner, core = _the("group", "inner"), _the("group", "core")
    march, february = "2011-03-01T00:00:00Z", "2011-02-01T00:00:00Z"
    return {
        "main": _main_rates(),
        "focus": [
            _rate(rex, _the("category", "cat-2"), rate_bp=1200, until=march),
            _rate(inner, "everything", rate_bp=1025),
            _rate("everyone", _the("category", "cat-22"), rate_bp=900),
        ],
        "circle": [
            _rate("everyone", "everything", flat_cents=5, until=february),
            _rate(core, _the("category", "cat-47"), rate_bp=1111),
            _rate(vic, _the("product", "47566"), rate_bp=3000),
        ],
    }


def exclusions() -> dict[str, list[dict[str, Any]]]:
    """List what earns nothing: postage, gift cards, and in March all of cat-8."""
    march = {"from": "2011-03-01T00:00:00Z", "until": "2011-03-20T00:00:00Z"}
    postage = [_the("product", "POST"), _the("product", "DOT")]
    return {
        "main": [*postage, _the("category", "cat-x-gi"), {"category": "cat-8"} | march],
        "focus": [*postage, _the("category", "cat-x-gi")],
        "circle": [_the("category", "cat-x")],
    }


def boosts() -> dict[str, Terms]:
    """List the boosts: overlaps, a group's own, a creator's own, a tie, a cap."""

    def row(name: str, who: object, what: object, pct: int, *ends: str) -> Any:
        window = dict(zip(("starts_at", "ends_at"), ends, strict=True))
        return {"name": name, "who": who, "what": what, "multiplier_pct": pct, **window}

    everyone, everything = "everyone", "everything"
    gus, gold = _the("creator", "gus"), _the("group", "gold")
    elsas = _the("group", "spring")
    winter = ("2010-12-10T00:00:00Z", "2010-12-24T00:00:00Z")
    lights = ("2010-12-20T09:30:00Z", "2011-01-10T00:00:00Z")
    gold_weeks = ("2011-01-05T00:00:00Z", "2011-02-05T00:00:00Z")
    january = ("2011-01-10T00:00:00Z", "2011-01-20T00:00:00Z")
    march = ("2011-03-01T00:00:00Z", "2011-03-20T00:00:00Z")
    spring = ("2011-04-15T00:00:00+01:00", "2011-05-15T00:00:00+01:00")
    always = ("2010-12-01T00:00:00Z", "2011-07-01T00:00:00+01:00")
    cat_2, cat_22, cat_85 = (_the("category", f"cat-{n}") for n in (2, 22, 85))
    return {
        "main": [
            row("Winter", everyone, everything, 150, *winter),
            row("Lights", everyone, cat_85, 200, *lights),
            row("Gold weeks", gold, cat_2, 300, *gold_weeks),
            row("January", everyone, everything, 150, *january),
            row("Only Gus", gus, everything, 300, *march),
            row("Spring", elsas, cat_22, 200, *spring),
            row("Twin", everyone, cat_22, 200, *spring),
        ],
        "circle": [row("To the cap", everyone, _the("product", "47566"), 300, *always)],
    }


def programs() -> list[dict[str, Any]]:
    """List the three programs: one for each code policy, no two alike."""
    plain: list[tuple[Any, ...]] = [
        ("main", 800, "always", 30, 30, 5, True, False),
        ("focus", 1000, "if_winner", 14, 14, 2, False, False),
        ("circle", 600, "if_involved", 7, 21, 3, True, True),
    ]
    keys = ["slug", "rate_bp", "code_policy", "window_days", "hold_days"]
    keys += ["shipping_days", "halo", "catalogue_only"]
    return [
        {
            **dict(zip(keys, values, strict=True)),
            "name": values[0].capitalize(),
            "status": "active",
            "enrollment": "open",
            "rate_lock_days": 30,
            "groups": groups()[values[0]],
            "rates": rates()[values[0]],
            "exclusions": exclusions()[values[0]],
            "boosts": boosts().get(values[0], []),
        }
        for values in plain
    ]


def creators() -> list[dict[str, Any]]:
    """List the creators in the order of MAIN, FOCUS, CIRCLE, OTHERS."""
    return [
        _creator(n, handle)
        for n, handle in enumerate((*MAIN, *FOCUS, *CIRCLE, *OTHERS), 1)
    ]


def _creator(n: int, handle: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "handle": handle,
        "email": f"{handle}@creators.example",
        "name": f"{handle.capitalize()} Martin",
        "country": "FR",
        "languages": ["fr"],
        "followers": 1000 * n,
        "niches": ["home"],
        "enrollments": _enrollments(handle),
    }
    if handle not in WITHOUT_BANK:
        found["bank_account"] = {
            "iban": iban(n),
            "holder": found["name"],
            "verified": True,
        }
    if handle not in WITHOUT_TAX:
        found["tax"] = {"kind": "fr_franchise", "siret": siret(n)}
    return found


def _enrollments(handle: str) -> list[dict[str, Any]]:
    since, own = "2010-11-01T00:00:00Z", {"code": f"{handle.upper()}10"}
    if handle in FOCUS or handle in ("lou", "mia"):
        return [_enrollment(handle, "focus", since, _focus_codes(handle))]
    if handle in CIRCLE:
        return [_enrollment(handle, "circle", since, [own])]
    codes = [own, MORE_CODES[handle]] if handle in MORE_CODES else [own]
    found = _enrollment(handle, "main", since, codes)
    found |= OTHER_TIMES.get(handle, {})
    if handle == "tom":
        return [found, _enrollment(handle, "focus", since, [])]
    return [found]


def _focus_codes(handle: str) -> list[dict[str, Any]]:
    own = {"code": f"{handle.upper()}10"}
    return [own, {"code": "TOGETHER"}] if handle == "sol" else [own]


def _enrollment(
    handle: str, program: str, since: str, codes: list[dict[str, Any]]
) -> dict[str, Any]:
    links = [{"slug": link(handle, program), "product": None}] + [
        {"slug": link(handle, program, sku), "product": sku}
        for sku in PRODUCTS_WITH_LINKS
    ]
    return {"program": program, "since": since, "links": links, "codes": codes}


def link(handle: str, program: str, sku: str = "") -> str:
    """Name the slug of a creator's link, to one product or to the shop."""
    return f"{handle}{program}{sku.lower()}"


def iban(n: int) -> str:
    """Make the nth valid French IBAN: the bank's own key, then the IBAN's."""
    bank, branch, account = 20041, 1005, n
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05}{branch:05}{account:011}{key:02}"
    check = 98 - int(f"{bban}152700") % 97  # F is 15, R is 27
    return f"FR{check:02}{bban}"


def siret(n: int) -> str:
    """Make the nth valid SIRET: nine digits and fourteen that both pass Luhn."""
    siren = _with_check_digit(f"{73282000 + n:08}")
    return _with_check_digit(f"{siren}0001")


def _with_check_digit(digits: str) -> str:
    doubled = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        doubled += value - 9 if value > 9 else value
    return digits + str(-doubled % 10)
