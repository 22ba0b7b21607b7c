"""The floor's pages in the admin; `scope` keeps each shop to itself."""

from shops.admin import (
    audiences,
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
    "audiences",
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
