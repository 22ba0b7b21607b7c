"""Who, if anyone, an order line is attributed to (rules A1 to A9)."""

from creators.attribution.settling import UNSETTLED, Settled, requeue, retry, settle

__all__ = ["UNSETTLED", "Settled", "requeue", "retry", "settle"]
