"""The contract of programs, terms and enrollments, as literals (see test_contract)."""

from typing import Any

NEEDED, FREE = True, False
_PROBLEM = "ProblemShape"


def _answers(good: str, shape: str, *bad: str) -> dict[str, str]:
    return {good: shape, **dict.fromkeys(bad, _PROBLEM)}


PATHS: dict[str, dict[str, tuple[str | None, dict[str, str]]]] = {
    "/programs": {
        "get": (None, _answers("200", "ProgramsShape")),
        "post": (
            "NewProgramShape",
            _answers("201", "ProgramShape", "400", "409", "422"),
        ),
    },
    "/programs/{id}": {
        "get": (None, _answers("200", "ProgramShape", "404")),
        "patch": (
            "PatchedNewProgramShape",
            _answers("200", "ProgramShape", "400", "404", "409", "422"),
        ),
    },
    "/programs/{id}/rates": {
        "get": (None, _answers("200", "TermRatesShape", "404")),
        "post": (
            "NewRateShape",
            {
                "200": "PreviewShape",
                **_answers("201", "TermRateShape", "400", "404", "409"),
            },
        ),
    },
    "/programs/{id}/boosts": {
        "get": (None, _answers("200", "TermBoostsShape", "404")),
        "post": (
            "NewBoostShape",
            {
                "200": "BoostPreviewShape",
                **_answers("201", "NewTermBoostShape", "400", "404"),
            },
        ),
    },
    "/enrollments": {"get": (None, _answers("200", "EnrollmentsShape", "400"))},
    "/enrollments/{id}/approve": {
        "post": (None, _answers("200", "EnrollmentShape", "404", "409", "422"))
    },
    "/enrollments/{id}/reject": {
        "post": (
            "RejectShape",
            _answers("200", "EnrollmentShape", "400", "404", "409"),
        )
    },
    "/enrollments/{id}/end": {
        "post": ("EndShape", _answers("200", "EnrollmentShape", "400", "404", "409"))
    },
}
_PROGRAM = [
    "name", "currency", "rate_bp", "cap_bp", "code_policy", "window_days", "hold_days",
    "shipping_days", "rate_lock_days", "halo", "catalogue_only", "enrollment",
    "eligibility", "status", "slug", "ends_at", "budget_cents",
]  # fmt: skip
_ELIGIBILITY = [
    "countries", "niches", "least_followers", "most_followers", "least_age"
]  # fmt: skip
_RATE = [
    "who", "what", "rate_bp", "flat_cents", "first_purchase_only", "most_sales",
    "most_sales_per",
]  # fmt: skip
_CHANGE = ["lines", "before_cents", "after_cents", "difference_cents"]
_PART = ["rows", "others", "others_cents"]
SHAPES: dict[str, dict[str, bool]] = {
    "NewProgramShape": {
        **dict.fromkeys(_PROGRAM, FREE),
        "name": NEEDED,
        "rate_bp": NEEDED,
    },
    "ProgramShape": dict.fromkeys(["id", "spent_cents", "planned", *_PROGRAM], NEEDED),
    "PlannedShape": dict.fromkeys(
        ["setting", "value", "from", "announced_at"], NEEDED
    ),
    "EligibilityShape": dict.fromkeys(_ELIGIBILITY, FREE),
    "EligibleShape": dict.fromkeys(_ELIGIBILITY, NEEDED),
    "NewRateShape": dict.fromkeys(
        [*_RATE, "from", "until"], FREE
    ),
    "TermRateShape": dict.fromkeys(
        ["id", *_RATE, "from", "until"], NEEDED
    ),
    "NewBoostShape": {
        "name": NEEDED,
        "who": FREE,
        "what": FREE,
        "multiplier_pct": NEEDED,
        "starts_at": NEEDED,
        "ends_at": NEEDED,
        "budget_cents": FREE,
    },
    "TermBoostShape": dict.fromkeys(
        [
            "id", "name", "who", "what", "multiplier_pct", "starts_at", "ends_at",
            "budget_cents", "spent_cents",
        ],
        NEEDED,
    ),
    "NewTermBoostShape": dict.fromkeys(
        [
            "id", "name", "who", "what", "multiplier_pct", "starts_at", "ends_at",
            "budget_cents", "spent_cents", "overlaps",
        ],
        NEEDED,
    ),
    "OverlapShape": dict.fromkeys(
        [
            "id", "name", "multiplier_pct", "starts_at", "ends_at", "wins",
            "is_certain",
        ],
        NEEDED,
    ),
    "BoostPreviewShape": dict.fromkeys(
        [
            "since", "until", "days", "is_whole", "lines", "orders", "binds_at",
            "costs", "overlaps",
        ],
        NEEDED,
    ),
    "PreviewShape": dict.fromkeys(
        [
            "since", "until", "days", "is_whole", "lines", "orders", "binds_at",
            "costs",
        ],
        NEEDED,
    ),
    "CostShape": dict.fromkeys(["currency", "creators", "products", *_CHANGE], NEEDED),
    "CreatorsChangeShape": dict.fromkeys(_PART, NEEDED),
    "ProductsChangeShape": dict.fromkeys(_PART, NEEDED),
    "CreatorChangeShape": dict.fromkeys(["creator", *_CHANGE], NEEDED),
    "ProductChangeShape": dict.fromkeys(["sku", "name", *_CHANGE], NEEDED),
    "RejectShape": {"reason": NEEDED, "may_apply_again": NEEDED, "after_days": FREE},
    "EndShape": {"reason": FREE},
    "EnrollmentShape": dict.fromkeys(
        [
            "id", "program", "creator", "status", "asked_at", "since", "ended_at",
            "reason", "may_apply_again", "again_at", "awaits_terms",
        ],
        NEEDED,
    ),
}  # fmt: skip
WORDS: dict[str, Any] = {
    "ProgramStatus": ["draft", "active", "paused", "ended"],
    "EnrollmentStatus": ["invited", "applied", "active", "rejected", "ended"],
}
