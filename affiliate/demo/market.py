from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from schwifty import IBAN
from stdnum import luhn

_SHOPS = (
    (
        "lune",
        "Maison Lune",
        "lune.example",
        {
            "visage": ["Sérum Aurore", "Crème Nuit d'Été", "Brume Rosée", "Baume Miel"],
            "corps": ["Huile Dorée", "Gommage Sable", "Lait Figue"],
        },
    ),
    (
        "brume",
        "Atelier Brume",
        "brume.example",
        {
            "bougies": ["Bougie Cèdre", "Bougie Verveine", "Bougie Ambre"],
            "maison": ["Diffuseur Tilleul", "Encens Santal", "Plaid Lin lavé"],
        },
    ),
    (
        "nomade",
        "Vélo Nomade",
        "nomade.example",
        {
            "sacoches": ["Sacoche Guidon", "Sacoche Cadre", "Sac à dos Col"],
            "atelier": ["Pompe de poche", "Multi-outil", "Kit crevaison"],
        },
    ),
)
_NAMES = (
    "Léa Martin", "Hugo Bernard", "Chloé Petit", "Nina Robert", "Tom Richard",
    "Jade Durand", "Louis Moreau", "Manon Laurent", "Adam Simon", "Inès Michel",
    "Zoé Lefebvre", "Malo Leroy", "Rose Roux", "Noé David", "Lina Bertrand",
    "Sacha Morel", "Anna Fournier", "Éli Girard", "Mila Bonnet", "Paul Dupont",
    "Alma Lambert", "Théo Fontaine", "Lou Rousseau", "Maël Vincent",
)  # fmt: skip
_PARIS = ZoneInfo("Europe/Paris")
_NICHES = ("beauté", "maison", "sport", "voyage", "mode")
_FRENCH_BANKS = ("30006", "20041", "10278", "14508")


def marketplace(seed: int, month: date, recent: date) -> dict[str, Any]:
    """Return the marketplace file of the demo, with four weeks of clicks from each day.

    The same seed and days give the same file: three shops, two dozen creators.
    """
    random = Random(seed)  # noqa: S311  (made-up data, nothing secret)
    since = datetime(month.year, month.month, 1, tzinfo=UTC) - timedelta(days=120)
    shops = [_shop(random, month, recent, *shop) for shop in _SHOPS]
    creators = [
        _creator(random, number, name, since) for number, name in enumerate(_NAMES)
    ]
    for number, shop in enumerate(shops):
        main = shop["programs"][0]
        main["groups"][0]["creators"] = [
            creator["handle"]
            for creator in creators[number::3]
            if any(row["program"] == main["slug"] for row in creator["enrollments"])
        ][:3]
    clicks = _clicks(creators, month) + _clicks(creators, recent)
    return {"shops": shops, "creators": creators, "clicks": clicks}


def _shop(
    random: Random,
    month: date,
    recent: date,
    slug: str,
    name: str,
    host: str,
    catalogue: dict[str, list[str]],
) -> dict[str, Any]:
    products = [
        {
            "sku": f"{slug[:3].upper()}-{number:02}",
            "name": title,
            "url": f"https://{host}/p/{number}",
            "category": category,
            "price_cents": random.randrange(12, 90) * 100 - 10,
        }
        for number, (category, title) in enumerate(
            (category, title) for category, row in catalogue.items() for title in row
        )
    ]
    first, second = list(catalogue)
    launch = datetime(month.year, month.month, 8, tzinfo=UTC)
    return {
        "slug": slug,
        "name": name,
        "currency": "EUR",
        "country": "FR",
        "time_zone": "Europe/Paris",
        "hosts": [host],
        "webhook_secrets": {"shopify": f"demo-{slug}-shopify-secret"},
        "members": [{"email": f"owner@{host}", "role": "owner"}],
        "categories": [
            {"slug": "tout", "name": "Tout"},
            {"slug": first, "name": first.capitalize(), "parent": "tout"},
            {"slug": second, "name": second.capitalize(), "parent": "tout"},
        ],
        "products": products,
        "programs": [
            {
                "slug": f"{slug}-ambassadeurs",
                "name": f"{name} — ambassadeurs",
                "status": "active",
                "rate_bp": 1000,
                "window_days": 30,
                "hold_days": 14,
                "shipping_days": 3,
                "groups": [{"slug": "or", "name": "Cercle d'or"}],
                "rates": [
                    {"who": "everyone", "what": {"category": second}, "rate_bp": 800},
                    {"who": {"group": "or"}, "what": "everything", "rate_bp": 1500},
                ],
                "exclusions": [{"product": products[-1]["sku"]}],
                "budget_cents": 1_500_000,
                "boosts": _boosts(products, first, launch, recent),
            }
        ],
    }


def _boosts(
    products: list[dict[str, Any]], category: str, launch: datetime, recent: date
) -> list[dict[str, Any]]:
    """Return a launch whose budget is used up, one that runs, and one to come."""
    today = datetime(recent.year, recent.month, recent.day, tzinfo=_PARIS)
    return [
        {
            "name": "Lancement",
            "who": "everyone",
            "what": {"product": products[0]["sku"]},
            "multiplier_pct": 200,
            "starts_at": launch.isoformat(),
            "ends_at": (launch + timedelta(days=7)).isoformat(),
            "budget_cents": 2500,
        },
        {
            "name": "Fêtes",
            "who": "everyone",
            "what": {"category": category},
            "multiplier_pct": 150,
            "starts_at": today.isoformat(),
            "ends_at": (today + timedelta(days=45)).isoformat(),
            "budget_cents": 80_000,
        },
        {
            "name": "Merci au cercle",
            "who": {"group": "or"},
            "what": "everything",
            "multiplier_pct": 200,
            "starts_at": (today + timedelta(days=40)).isoformat(),
            "ends_at": (today + timedelta(days=47)).isoformat(),
        },
    ]


def _creator(random: Random, number: int, name: str, since: datetime) -> dict[str, Any]:
    handle = _plain(name)
    programs = random.sample(
        [shop[0] for shop in _SHOPS], k=random.choice((1, 2, 2, 3))
    )
    creator: dict[str, Any] = {
        "handle": handle,
        "email": f"{handle}@mail.example",
        "name": name,
        "country": "FR",
        "languages": ["fr"],
        "followers": random.randrange(800, 250_000),
        "niches": random.sample(_NICHES, k=2),
        "enrollments": [
            {
                "program": f"{slug}-ambassadeurs",
                "since": since.isoformat(),
                "links": [
                    {
                        "slug": f"{handle.replace('.', '')[:6]}{slug[:2]}"
                        f"{random.randrange(100, 999)}",
                        "product": f"{slug[:3].upper()}-{random.randrange(5):02}",
                        "format": random.choice(("video", "live", "story")),
                    }
                ],
                "codes": [
                    {"code": f"{handle.split('.')[0].upper()}{slug[:2].upper()}"}
                ],
            }
            for slug in programs
        ],
    }
    # Two of them have not given everything yet: their money waits, and says why.
    if number != 5:
        creator["tax"] = {"kind": "fr_franchise", "siret": _siret(random)}
    if number != 11:
        creator["bank_account"] = {
            "iban": str(
                IBAN.generate(
                    "FR",
                    bank_code=random.choice(_FRENCH_BANKS),
                    branch_code=f"{random.randrange(1, 99_999):05}",
                    account_code=f"{random.randrange(1, 10**11):011}",
                )
            ),
            "holder": name,
            "verified": True,
        }
    return creator


def _clicks(creators: list[dict[str, Any]], first: date) -> list[dict[str, Any]]:
    start = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    slugs = [
        link["slug"]
        for creator in creators
        for row in creator["enrollments"]
        for link in row["links"]
    ]
    return [
        {
            "id": f"demo-{first:%Y%m%d}-{slug}-{day}",
            "link": slug,
            "at": (start + timedelta(days=day, minutes=7 * place)).isoformat(),
        }
        for place, slug in enumerate(slugs)
        for day in range(0, 28, 3)
    ]


def _siret(random: Random) -> str:
    siren = f"{random.randrange(10**7, 10**8)}"
    siren += luhn.calc_check_digit(siren)
    siret = f"{siren}0001"
    return siret + luhn.calc_check_digit(siret)


def _plain(name: str) -> str:
    letters = name.lower().translate(str.maketrans("éèëïî ", "eeeii."))
    return "".join(sign for sign in letters if sign.isascii())
