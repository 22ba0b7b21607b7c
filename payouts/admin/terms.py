"""Adding rates, exclusions and boosts: first what it would have cost (rule R8)."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core import signing
from django.http import HttpRequest
from django.utils.timezone import now

from payouts import previews
from shops.admin import rates, terms
from shops.admin.scope import user_of
from shops.models import Boost, Exclusion, Rate

if TYPE_CHECKING:
    _Form = terms.TermForm
    _Admin = terms.TermAdmin
else:
    _Form = _Admin = object

_SIGNER = signing.TimestampSigner(salt="payouts.previews")
# Orders come in meanwhile: what was seen yesterday is seen again.
_SEEN_FOR_S = 3600


class SeenForm(_Form):
    """Is valid once its preview was seen: the values say so themselves, signed.

    The first time the form comes back with `preview`; sent again unchanged, it saves.
    """

    verb: ClassVar[Callable[..., Any]]
    preview: previews.Preview | None = None

    def is_valid(self) -> bool:
        """Say whether it may be saved; make the preview where none was seen."""
        if not super().is_valid() or self.request is None:
            return False
        if self.preview is None and not self._is_seen():
            at, by, verb = now(), user_of(self.request), type(self).verb
            facts = terms.facts_of(self, verb)
            self.preview = previews.of(lambda: verb(**facts, at=at, by=by), at=at)
        return self.preview is None

    def seen(self) -> str:
        """Return the proof that exactly these values were previewed."""
        return _SIGNER.sign(self._digest())

    def _is_seen(self) -> bool:
        try:
            seen = _SIGNER.unsign(self.data.get("_seen", ""), max_age=_SEEN_FOR_S)
        except signing.BadSignature:
            return False
        return seen == self._digest()

    def _digest(self) -> str:
        asked = self.request.user.pk if self.request else None
        values = [(name, self[name].data) for name in sorted(self.fields)]
        said = json.dumps([asked, self._meta.model._meta.label, values], default=str)
        return sha256(said.encode()).hexdigest()


class SeenAdmin(_Admin):
    """The form of a new term shows its preview before it saves."""

    change_form_before_template = "admin/terms/preview.html"

    @property
    def above(self) -> str | None:
        """Return what the floor below shows above its form."""
        above: str | None = getattr(super(), "change_form_before_template", None)
        return above

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Let the form of a new term be valid only once its preview was seen."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            return form
        verb = staticmethod(type(self).add_verb)
        return type(form.__name__, (SeenForm, form), {"verb": verb})


for _model in (Rate, Exclusion, Boost):
    admin.site.unregister(_model)


@admin.register(Rate)
class RateAdmin(SeenAdmin, rates.RateAdmin):
    """Rates, previewed."""


@admin.register(Exclusion)
class ExclusionAdmin(SeenAdmin, terms.ExclusionAdmin):
    """Exclusions, previewed."""


@admin.register(Boost)
class BoostAdmin(SeenAdmin, terms.BoostAdmin):
    """Boosts, previewed."""
