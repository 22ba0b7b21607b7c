"""Triggers that several floors need, with errors that carry a constraint's name."""

import pgtrigger


def append_only_tables() -> list[str]:
    """Return the tables that carry these triggers, to take rights on them away too."""
    return sorted(
        model._meta.db_table
        for model, trigger in pgtrigger.registered()
        if trigger.name == f"{model._meta.db_table}_is_never_updated"
    )


def refusal(name: str, sentence: str) -> str:
    """Return the PL/pgSQL that raises IntegrityError for the constraint `name`.

    `sentence` is a literal of ours; it becomes the message of the error.
    """
    words = sentence.replace("'", "''").replace("%", "%%")
    return f"raise exception '{words}' using errcode = '23514', constraint = '{name}';"


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Return the triggers for `Meta.triggers` of a table that only ever grows.

    Update, delete and truncate are refused by the constraints
    `<table>_is_never_updated`, `_is_never_deleted` and `_is_never_truncated`. A row
    trigger does not see a truncate, so that one works on the statement.
    """
    return [
        pgtrigger.Trigger(
            name=f"{table}_is_never_{done}",
            when=pgtrigger.Before,
            level=level,
            operation=operation,
            func=refusal(f"{table}_is_never_{done}", f"{table} is append-only."),
        )
        for done, level, operation in (
            ("updated", pgtrigger.Row, pgtrigger.Update),
            ("deleted", pgtrigger.Row, pgtrigger.Delete),
            ("truncated", pgtrigger.Statement, pgtrigger.Truncate),
        )
    ]
