from shops.models.budgets import Budget
from shops.models.catalogue import Category, Product
from shops.models.gates import Licence, Restriction
from shops.models.inbound import EarlyEvent, InboundEvent, InboundStatus
from shops.models.merchants import ApiKey, Member, Role, Shop, WebhookSecret
from shops.models.orders import (
    Delivery,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundLine,
    UnsettledLine,
)
from shops.models.program_plans import ProgramPlan
from shops.models.program_settings import CodePolicy, EarlierSettings
from shops.models.programs import (
    ActivePeriod,
    Audience,
    Program,
    ProgramStatus,
    WhoMayJoin,
)
from shops.models.tables import TableImport, TableKind, TableStatus
from shops.models.terms import Boost, Exclusion, Period, Rate
from shops.models.terms_versions import TermsVersion

__all__ = [
    "ActivePeriod",
    "ApiKey",
    "Audience",
    "Boost",
    "Budget",
    "Category",
    "CodePolicy",
    "Delivery",
    "EarlierSettings",
    "EarlyEvent",
    "Exclusion",
    "InboundEvent",
    "InboundStatus",
    "Licence",
    "Member",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Period",
    "Product",
    "Program",
    "ProgramPlan",
    "ProgramStatus",
    "Rate",
    "Refund",
    "RefundLine",
    "Restriction",
    "Role",
    "Shop",
    "TableImport",
    "TableKind",
    "TableStatus",
    "TermsVersion",
    "UnsettledLine",
    "WebhookSecret",
    "WhoMayJoin",
]
