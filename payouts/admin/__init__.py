"""The floor's pages in the admin."""

from payouts.admin import accounts, commissions, ledger, orders, payouts, runs, terms

__all__ = ["accounts", "commissions", "ledger", "orders", "payouts", "runs", "terms"]
