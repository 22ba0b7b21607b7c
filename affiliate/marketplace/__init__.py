"""The marketplace file of `load_marketplace`: read whole, checked whole, then written.

Part of the roof: it knows every floor and none knows it.
"""

from affiliate.marketplace.places import BadFile, Place
from affiliate.marketplace.writing import load

__all__ = ["BadFile", "Place", "load"]
