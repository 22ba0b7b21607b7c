"""PostgreSQL and Valkey without installing anything, for as long as we need them.

    with embedded.services(Path(".local")) as addresses:
        ...  # addresses.database_url, .owner_url, .redis_url

A server already answering on the same folder is shared; only what was started here
is stopped here. On Linux it also ends when its starter is killed. DATABASE_URL and
REDIS_URL, where set, are used instead and nothing is started for them.
"""

import os
from pathlib import Path

from affiliate.common.embedded.addresses import (
    Addresses,
    Services,
    addresses,
    services,
)
from affiliate.common.embedded.postgres import Postgres
from affiliate.common.embedded.process import CannotStart
from affiliate.common.embedded.valkey import Valkey, broker_url

# Where a checkout keeps its servers' data, unless the environment names a folder.
LOCAL_DIR = Path(
    os.environ.get("LOCAL_DIR") or Path(__file__).resolve().parents[3] / ".local"
).absolute()

__all__ = [
    "LOCAL_DIR",
    "Addresses",
    "CannotStart",
    "Postgres",
    "Services",
    "Valkey",
    "addresses",
    "broker_url",
    "services",
]
