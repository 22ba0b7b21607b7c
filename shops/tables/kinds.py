"""The kinds of rows that this floor knows; floors above bring theirs."""

from shops.tables.plan import Makers
from shops.tables.products import Products
from shops.tables.rates import Rates

KINDS: Makers = {"products": Products, "rates": Rates}
