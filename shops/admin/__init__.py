"""The floor's pages in the admin; `scope` keeps each shop to itself."""

from shops.admin import (
    catalogue,
    gates,
    inbound,
    merchants,
    orders,
    programs,
    rates,
    tables,
    terms,
    terms_versions,
)
from shops.admin import keys as api_keys

__all__ = [
    "api_keys",
    "catalogue",
    "gates",
    "inbound",
    "merchants",
    "orders",
    "programs",
    "rates",
    "tables",
    "terms",
    "terms_versions",
]
