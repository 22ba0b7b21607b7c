"""Which states the database lets a row go to, tried one by one (invariant I13)."""

from django.db import IntegrityError, transaction


def moves(model, statuses, make, **beside):
    """Return the (start, end) that the database lets rows of `make(start)` go.

    `beside` is written with every state but `claiming`. Nothing is kept.
    """
    moved = set()
    for start in statuses:
        row = make(start)
        for end in statuses:
            fields = {"status": end, **(beside if end != "claiming" else {})}
            try:
                with transaction.atomic():
                    model.objects.filter(pk=row.pk).update(**fields)
                    moved.add((str(start), str(end)))
                    transaction.set_rollback(True)
            except IntegrityError:
                continue
    return moved - {(each, each) for each in statuses}
