from pathlib import Path

import pytest
import redis
from kombu import Connection

from affiliate.common import embedded


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3"),
        ("unix://:pw@/r.sock", "redis+socket://:pw@/r.sock?virtual_host=0"),
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("rediss://cache:6380", "rediss://cache:6380"),
    ],
)
def test_celery_spells_the_same_server_otherwise(
    redis_url: str, broker_url: str
) -> None:
    assert embedded.broker_url(redis_url) == broker_url


def test_celery_and_the_cache_reach_the_same_server(valkey: embedded.Valkey) -> None:
    url = f"{valkey.url}?db=2"

    with Connection(embedded.broker_url(url)) as broker:
        queue = broker.SimpleQueue("letters")
        queue.put({"to": "Zoé"})

        assert redis.Redis.from_url(url).llen("letters") == 1
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.payload == {"to": "Zoé"}


def test_valkey_never_drops_a_job_to_make_room(valkey: embedded.Valkey) -> None:
    client = redis.Redis.from_url(valkey.url, decode_responses=True)

    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}


def test_a_durable_valkey_keeps_its_jobs(tmp_path: Path) -> None:
    with_journal = embedded.Valkey(tmp_path / "valkey")
    redis.Redis.from_url(with_journal.start().url).rpush("jobs", "pay")
    with_journal.stop()

    try:
        kept = redis.Redis.from_url(with_journal.start().url).lrange("jobs", 0, -1)
    finally:
        with_journal.stop()

    assert kept == [b"pay"]
