"""The floor's pages in the admin; `scope` keeps each shop to itself."""

from shops.admin import (
    catalogue,
    inbound,
    merchants,
    orders,
    programs,
    rates,
    terms,
    terms_versions,
)
from shops.admin import keys as api_keys

__all__ = [
    "api_keys",
    "catalogue",
    "inbound",
    "merchants",
    "orders",
    "programs",
    "rates",
    "terms",
    "terms_versions",
]
