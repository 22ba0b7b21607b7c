"""Who, if anyone, an order line is attributed to (rules A1 to A9)."""

from creators.attribution.settling import Settled, requeue, settle

__all__ = ["Settled", "requeue", "settle"]
