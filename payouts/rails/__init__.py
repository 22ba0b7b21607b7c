"""How money leaves: one module a rail, found by this folder, not by a registry.

A rail has `Debtor`, `Transfer`, `write(out, ...)`, `write_file(path, ...)` and
`validate(path)` with the signatures of `payouts.rails.sepa`. To add one, add a module
(or a package) of that shape here. No rail imports Django or reads the database: a verb
upstairs hands it plain rows, so that the same rows give the same bytes.
"""

import importlib
import pkgutil
from types import ModuleType

from affiliate.common.errors import Refusal


class UnknownRail(Refusal):
    """No module of that name is in the folder."""

    code = "unknown_rail"
    status = 404
    way_out = "Use one of the rails there are."


def names() -> list[str]:
    """Return the names of the rails there are, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> ModuleType:
    """Import and return the rail called `name`.

    Raises UnknownRail for anything that is not in `names()`, so that a name from a
    form or a row can never import another module.
    """
    if name not in names():
        raise UnknownRail(f"There is no payout rail {name!r}: {', '.join(names())}.")
    return importlib.import_module(f"{__name__}.{name}")
