"""A small marketplace to look at: made up by rule from a seed, nothing real in it."""

from affiliate.demo.market import marketplace
from affiliate.demo.news import announce
from affiliate.demo.sales import Sale, sales

__all__ = ["Sale", "announce", "marketplace", "sales"]
