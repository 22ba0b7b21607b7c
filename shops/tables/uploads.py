"""A table on its way: kept, previewed, confirmed, imported; its file then goes.

All or nothing: an import is one transaction, so a worker that is killed leaves nothing,
and the next one begins anew. The preview is the same work, taken back.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from affiliate.common import errors, locks, steps
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import Shop, TableImport, TableStatus
from shops.tables import plan as plans
from shops.tables import sheet, workbook
from shops.tables.plan import Caller, Kind, Makers, Plan

logger = logging.getLogger(__name__)

# What is read at once, while the person waits; more is a worker's.
AT_ONCE_BYTES = 100_000
AT_ONCE_UNPACKED_BYTES = 2_000_000
MAX_ATTEMPTS = 3
FILES_ARE_KEPT = timedelta(days=1)
OUTCOMES_ARE_KEPT = timedelta(days=7)
_PROGRESS_S = 3_600
_WORK = (TableStatus.READING, TableStatus.WRITING)


class NotReady(Refusal):
    """The table is not at this step: it is being read, was imported or discarded."""

    code = "table_not_ready"
    title = _("This table does not wait for you.")
    way_out = _("Look at its page, or choose the file again.")


class ShopBusy(Refusal):
    """So many tables of a person wait that one more would only fill the disk."""

    code = "too_many_tables"
    title = _("Too many tables wait already.")
    way_out = _("Import or discard one of them first.")


class _TakenBack(Exception):  # noqa: N818  named for what it does to the transaction
    """Ends the transaction of a dry run."""


_MOST_OPEN = 10


@transaction.atomic
def keep(
    shop: Shop,
    kind: str,
    *,
    name: str,
    body: bytes,
    options: Mapping[str, Any],
    language: str,
    by: User,
    at: datetime,
) -> TableImport:
    """Keep a table that was brought, to be read next; nothing else changes.

    Raises sheet.UnreadableTable for an empty or too large one, and ShopBusy.
    """
    if not body.strip():
        raise sheet.UnreadableTable(_("The file is empty."))
    if len(body) > sheet.MOST_BYTES:
        raise sheet.UnreadableTable(sheet.too_large())
    waiting = TableImport.objects.filter(by=by, body__isnull=False)
    if waiting.count() >= _MOST_OPEN:
        raise ShopBusy
    return TableImport.objects.create(
        shop=shop,
        by=by,
        kind=kind,
        name=name[-200:].replace("\0", ""),
        body=body,
        options=dict(options),
        language=language,
        created_at=at,
    )


def is_small(upload: TableImport) -> bool:
    """Say whether a table is read while the person waits."""
    body = bytes(upload.body or b"")
    if len(body) > AT_ONCE_BYTES:
        return False
    return workbook.unpacked_bytes(body) <= AT_ONCE_UNPACKED_BYTES


@transaction.atomic
def confirm(upload_id: int, *, at: datetime) -> TableImport:
    """Let a previewed table be imported next; confirming again changes nothing.

    Raises NotReady.
    """
    upload = _locked(upload_id)
    if upload.status == TableStatus.READY:
        upload.status, upload.attempts, upload.reason = TableStatus.WRITING, 0, ""
        upload.save(update_fields=["status", "attempts", "reason"])
    elif upload.status not in (TableStatus.WRITING, TableStatus.DONE):
        raise NotReady
    return upload


@transaction.atomic
def drop(upload_id: int) -> TableImport:
    """Discard a table that was not imported; twice is harmless. Raises NotReady."""
    upload = _locked(upload_id)
    if upload.status in (TableStatus.READING, TableStatus.READY):
        _close(upload, TableStatus.DROPPED)
    elif upload.status != TableStatus.DROPPED:
        raise NotReady
    return upload


def work(makers: Makers, *, at: datetime) -> int:
    """Preview and import whatever waits of these kinds; return how many it were.

    Any number of workers may call this at once; each table has one of them.
    """
    done = 0
    waiting = TableImport.objects.filter(status__in=_WORK, kind__in=list(makers))
    for upload_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        done += go_on(upload_id, makers, at=at)
    return done


def go_on(upload_id: int, makers: Makers, *, at: datetime) -> bool:
    """Do the step that a table waits for; say whether there was one.

    A table that another worker has is left to it. One that kills its workers is given
    up after MAX_ATTEMPTS, as one that meets an unforeseen error is.
    """
    if not _count_attempt(upload_id):
        return False
    try:
        with transaction.atomic():
            return _step(upload_id, makers, at)
    except Exception as error:  # one table must not stop the others
        logger.exception("table %s failed", upload_id)
        _give_up(upload_id, errors.place(error))
        return True


def progress(upload: TableImport) -> int:
    """Return how many rows are done of the step that runs, as far as it is known."""
    try:
        return int(cache.get(_progress_key(upload.pk, upload.status)) or 0)
    except RedisError:
        return 0


@transaction.atomic
def purge(*, at: datetime) -> int:
    """Delete what was never confirmed for a day, and outcomes after a week."""
    stale = TableImport.objects.filter(
        status__in=(TableStatus.READING, TableStatus.READY),
        created_at__lt=at - FILES_ARE_KEPT,
    )
    old = TableImport.objects.exclude(status=TableStatus.WRITING).filter(
        created_at__lt=at - OUTCOMES_ARE_KEPT
    )
    return stale.delete()[0] + old.delete()[0]


# ------------------------------------------------------------------ one step


def _step(upload_id: int, makers: Makers, at: datetime) -> bool:
    rows = TableImport.objects.select_for_update(skip_locked=True, of=("self",))
    upload = rows.filter(pk=upload_id, status__in=_WORK).first()
    if upload is None or upload.attempts > MAX_ATTEMPTS:
        return False
    with translation.override(upload.language):
        try:
            _read_or_write(upload, makers[upload.kind], at)
        except sheet.UnreadableTable as refusal:
            words = (refusal.title, refusal.detail, refusal.way_out)
            _close(upload, TableStatus.REFUSED, " ".join(str(each) for each in words))
    return True


def _read_or_write(
    upload: TableImport, maker: Callable[[Caller], Kind], at: datetime
) -> None:
    is_import = upload.status == TableStatus.WRITING
    found: Plan | None = None
    try:
        with transaction.atomic():
            found = _taken(upload, maker, at)
            if not is_import or found.digest != upload.digest:
                raise _TakenBack
    except _TakenBack:
        if found is None:
            raise
        _show(upload, found, is_anew=is_import)
        return
    if found is None:
        return
    steps.reached("tables.imported")
    upload.plan, upload.rejects = found.as_json(), found.rejects
    upload.finished_at = at
    _close(upload, TableStatus.DONE)


def _taken(upload: TableImport, maker: Callable[[Caller], Kind], at: datetime) -> Plan:
    # One table of a shop at a time, and none beside a batch of its products.
    shop = Shop.objects.select_for_update(no_key=True).get(pk=upload.shop_id)
    caller = Caller(shop, upload.by, at, upload.options)
    kind = maker(caller)
    key, body = _progress_key(upload.pk, upload.status), bytes(upload.body or b"")
    with sheet.opened(body, kind.columns, kind.alone) as opened:
        return plans.take(opened, kind, lambda rows: _tell(key, rows))


def _show(upload: TableImport, found: Plan, *, is_anew: bool) -> None:
    upload.status, upload.attempts = TableStatus.READY, 0
    upload.plan, upload.digest = found.as_json(), found.digest
    upload.rejects = found.rejects
    upload.reason = ""
    if is_anew:
        upload.reason = str(
            _(
                "Something changed since the preview, so nothing was imported. This is"
                " what would change now."
            )
        )
    upload.save()


def _close(upload: TableImport, status: TableStatus, reason: str = "") -> None:
    upload.status, upload.reason, upload.body = status, reason.replace("\0", ""), None
    upload.save()


@transaction.atomic
def _count_attempt(upload_id: int) -> bool:
    """Count an attempt for good before it is made; give up what killed too many."""
    rows = TableImport.objects.select_for_update(skip_locked=True)
    upload = rows.defer("body").filter(pk=upload_id, status__in=_WORK).first()
    if upload is None:
        return False
    upload.attempts += 1
    upload.save(update_fields=["attempts"])
    if upload.attempts > MAX_ATTEMPTS:
        logger.error("table %s is given up", upload_id)
        _close(upload, TableStatus.REFUSED, str(_gave_up()))
        return False
    return True


@transaction.atomic
def _give_up(upload_id: int, error: str) -> None:
    logger.error("table %s: %s", upload_id, error)
    upload = _locked(upload_id)
    if upload.status in _WORK and upload.attempts >= MAX_ATTEMPTS:
        with translation.override(upload.language):
            _close(upload, TableStatus.REFUSED, str(_gave_up()))


def _gave_up() -> errors.Words:
    return _("This file could not be worked off. Nothing was imported: write to us.")


def _locked(upload_id: int) -> TableImport:
    found = locks.rows(TableImport.objects.filter(pk=upload_id))
    if not found:
        raise TableImport.DoesNotExist
    return found[0]


def _progress_key(upload_id: int, status: str) -> str:
    return f"table:{upload_id}:{status}"


def _tell(key: str, rows: int) -> None:
    try:
        cache.set(key, rows, _PROGRESS_S)
    except RedisError:
        logger.warning("no progress to be told: the cache is away")
