"""The ground's part of the API: how errors, bodies, lists and repeats look."""

from affiliate.common.api.idempotent import idempotent
from affiliate.common.api.pages import (
    handler400,
    handler403,
    handler404,
    handler500,
)
from affiliate.common.api.paging import Cursor, PageShape
from affiliate.common.api.parsing import JSONParser, demand_length
from affiliate.common.api.problems import problem_response
from affiliate.common.api.throttling import RateThrottle

__all__ = [
    "Cursor",
    "JSONParser",
    "PageShape",
    "RateThrottle",
    "demand_length",
    "handler400",
    "handler403",
    "handler404",
    "handler500",
    "idempotent",
    "problem_response",
]
