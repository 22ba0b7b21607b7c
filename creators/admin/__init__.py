"""The floor's pages in the admin."""

from creators.admin import creators, enrollment, links, orders, tables

__all__ = ["creators", "enrollment", "links", "orders", "tables"]
