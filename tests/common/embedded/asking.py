from typing import LiteralString

import psycopg


def ask(url: str, question: LiteralString) -> object:
    """Return the one value that the server answers."""
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]
