"""Rate limits, counted in Redis for all processes together."""

import logging
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import redis
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from affiliate.common import ids
from affiliate.common.errors import Refusal

logger = logging.getLogger(__name__)

# Beside Celery's database (0) and the cache's (1).
_DATABASE = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATIENCE_S = 0.25  # a limit must not make a request slower than what it guards

# The generic cell rate algorithm: one number a client, the instant (in microseconds) at
# which its bucket is empty again. Integers stay exact in Lua up to 2^53.
_TAKE = """
local now, step, room = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('get', KEYS[1]) or '0'), now) + step
local wait = full - room - now
if wait > 0 then return wait end
redis.call('set', KEYS[1], string.format('%.0f', full),
           'px', math.ceil((full - now) / 1000))
return 0
"""


class TooMany(Refusal):
    """The limit is reached: wait for the time named in Retry-After."""

    code = "throttled"
    status = 429
    title = _("Too many requests.")
    way_out = _("Send it again after the time in Retry-After.")


class CannotCount(Refusal):
    """The counter is away and this limit fails closed: try again soon."""

    code = "temporarily_unavailable"
    status = 503
    title = _("This is not available at the moment.")
    way_out = _("Try again in a few seconds.")
    retry_after_s = 5


@dataclass(frozen=True)
class Limit:
    """`times` per `window`, spent at any pace.

    With Redis down, a limit that `fails_open` lets everyone pass (a redirect has to
    work), one that does not lets nobody pass (a password must not be guessed).
    """

    name: str
    times: int
    window: timedelta
    fails_open: bool


def check(limit: Limit, who: str, *, at: datetime) -> None:
    """Count one use by `who` (a key, an account, an address), or refuse it.

    A refused use is not counted. `who` is stored as a keyed hash.
    Raises TooMany with the seconds to wait, and CannotCount.
    """
    now = (at - _EPOCH) // timedelta(microseconds=1)
    window = limit.window // timedelta(microseconds=1)
    name = f"limit:{limit.name}:{ids.keyed_hash('limit', who)[:32]}"
    arguments = map(str, (now, window // limit.times, window))
    try:
        counted = _client(settings.REDIS_URL).eval(_TAKE, 1, name, *arguments)
    except redis.RedisError as error:
        logger.warning("limit %s cannot count: %s", limit.name, type(error).__name__)
        if limit.fails_open:
            return
        raise CannotCount from error
    if wait := int(str(counted)):
        raise TooMany(retry_after_s=math.ceil(wait / 1_000_000))


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        db=_DATABASE,
        socket_timeout=_PATIENCE_S,
        socket_connect_timeout=_PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )
