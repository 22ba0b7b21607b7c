from typing import Any

from affiliate.marketplace.making import Maker
from affiliate.marketplace.places import Place
from creators.models import Enrollment, GroupMember
from shops.models import Audience, Boost, Budget, Exclusion, Program, Rate


def write_terms(root: Place, make: Maker) -> None:
    """Write who is in a group, and rates, exclusions and boosts.

    After the creators, because a rate may be for one of them.
    """
    for shop in root.each("shops"):
        for place in shop.each("programs"):
            program = Program.objects.filter(slug=place.text("slug")).first()
            if program is not None:
                _Terms(program, make).write(place)


class _Terms:
    def __init__(self, program: Program, make: Maker) -> None:
        self.program = program
        self.make = make
        self.audiences = {
            (audience.kind, audience.slug): audience
            for audience in Audience.objects.filter(program=program)
        }
        self.products = {row.sku: row for row in program.shop.products.all()}
        self.categories = {row.slug: row for row in program.shop.categories.all()}

    def write(self, place: Place) -> None:
        self._budget(place, None)
        for row in place.each("groups"):
            self._group(row)
        for row in place.each("rates"):
            self._rate(row)
        for row in place.each("exclusions"):
            what = self._what(row)
            if any(what.values()):
                window = self._window(row, "from", "until")
                known_by = {"program": self.program, **what, **window}
                self.make.row(row, Exclusion, known_by)
        for row in place.each("boosts"):
            self._boost(row)

    def _group(self, place: Place) -> None:
        audience = self.audiences.get(("group", place.text("slug")))
        for number, handle in enumerate(place.texts("creators")):
            enrollment = Enrollment.objects.filter(
                program=self.program, creator__handle=handle
            ).first()
            if enrollment is None or audience is None:
                place.fault(f"{handle} is not enrolled here.", f"creators[{number}]")
                continue
            known_by = {"audience": audience, "enrollment": enrollment}
            self.make.row(place, GroupMember, known_by, program=self.program)

    def _rate(self, place: Place) -> None:
        self.make.row(
            place,
            Rate,
            {
                "program": self.program,
                "audience": self._who(place),
                **self._what(place.at("what") if self._is_object(place) else None),
                **self._window(place, "from", "until"),
            },
            rate_bp=place.whole("rate_bp", None, most=10_000),
            flat_cents=place.whole("flat_cents", None),
        )

    def _boost(self, place: Place) -> None:
        boost = self.make.row(
            place,
            Boost,
            {
                "program": self.program,
                "name": place.text("name", most=120),
                "audience": self._who(place),
                **self._what(place.at("what") if self._is_object(place) else None),
                **self._window(place, "starts_at", "ends_at"),
            },
            multiplier_pct=place.whole("multiplier_pct"),
        )
        if boost is not None:
            self._budget(place, boost)

    def _budget(self, place: Place, boost: Boost | None) -> None:
        cents = place.whole("budget_cents", None, least=1)
        if cents is not None:
            known_by = {"program": self.program, "boost": boost}
            self.make.row(place, Budget, known_by, amount_cents=cents)

    @staticmethod
    def _is_object(place: Place) -> bool:
        return bool(place.value.get("what", "everything") != "everything")

    @staticmethod
    def _window(place: Place, start: str, end: str) -> dict[str, Any]:
        return {
            "starts_at": place.instant(start, None),
            "ends_at": place.instant(end, None),
        }

    def _who(self, place: Place) -> Audience | None:
        who = place.value.get("who", "everyone")
        if who == "everyone":
            return None
        if not isinstance(who, dict) or len(who) != 1:
            place.fault("Must be everyone, a group or a creator.", "who")
            return None
        kind, slug = next(iter(who.items()))
        audience = self.audiences.get((kind, slug))
        if audience is None:
            place.fault(f"{kind} {slug} is not in this program.", "who")
        return audience

    def _what(self, place: Place | None) -> dict[str, Any]:
        what: dict[str, Any] = {"product": None, "category": None}
        if place is None:
            return what
        for key, rows in (("product", self.products), ("category", self.categories)):
            if place.has(key):
                name = place.text(key)
                what[key] = rows.get(name)
                if name and name not in rows:
                    place.fault(f"Is not a {key} of this shop.", key)
        if not (place.has("product") or place.has("category")):
            place.fault("Must name a product or a category.")
        return what
