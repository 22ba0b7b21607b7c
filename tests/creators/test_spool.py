"""Clicks on their way to the database: segments, the importer, and who dies when."""

import fcntl
import os
import resource
import signal
import threading
import time
from datetime import UTC, datetime

import pytest

from creators.clicks import importer, spool, token
from creators.clicks.importer import Imported
from creators.clicks.spool import Spool
from creators.models import Click
from tests.factories import LinkFactory

AT = datetime(2026, 11, 3, 9, 15, 0, 123457, tzinfo=UTC)
VISITOR = "0123456789abcdef01234567"


@pytest.fixture
def link(db):
    return LinkFactory()


@pytest.fixture
def kept(tmp_path):
    """A spool whose segments are closed by hand only."""
    made = Spool(tmp_path, turn_s=3600)
    yield made
    made.close()


def line(link_id: int, flags: int = 0) -> bytes:
    return spool.line(token.mint(link_id, AT, flags), VISITOR)


def segments(folder) -> list:
    return sorted(folder.glob(f"*{spool.SUFFIX}"))


def is_locked(path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


# ------------------------------------------------------------------ lines


def test_a_line_is_read_as_it_was_written():
    click = token.mint(7, AT)

    assert spool.parse(spool.line(click, VISITOR)) == (click, VISITOR)


def test_a_part_of_a_line_is_no_line():
    whole = line(7)

    assert [n for n in range(len(whole)) if spool.parse(whole[:n])] == []
    assert spool.parse(whole + b"\n") is None


# ------------------------------------------------------------------ spool


def test_a_click_is_in_the_file_before_append_returns(kept, tmp_path):
    kept.append(b"one\n")
    kept.append(b"two\n")

    (segment,) = segments(tmp_path)
    assert segment.read_bytes() == b"one\ntwo\n"


def test_a_segment_is_locked_as_long_as_it_may_grow(kept, tmp_path):
    kept.append(b"one\n")
    (first,) = segments(tmp_path)
    assert is_locked(first)

    kept.close()
    assert not is_locked(first)
    kept.append(b"two\n")
    assert first.read_bytes() == b"one\n"
    assert len(segments(tmp_path)) == 2


def test_only_the_owner_may_read_the_folder(tmp_path):
    kept = Spool(tmp_path / "deep" / "spool")
    kept.append(b"one\n")
    kept.close()

    assert (tmp_path / "deep" / "spool").stat().st_mode & 0o777 == 0o700
    assert segments(tmp_path / "deep" / "spool")[0].stat().st_mode & 0o777 == 0o600


def test_a_segment_closes_after_its_time_without_another_click(tmp_path):
    kept = Spool(tmp_path, turn_s=0.02)
    kept.append(b"one\n")
    (segment,) = segments(tmp_path)

    deadline = time.monotonic() + 10
    while is_locked(segment) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert not is_locked(segment)


def test_a_segment_closes_when_it_is_full(tmp_path):
    kept = Spool(tmp_path, turn_s=3600, most_bytes=8)
    for text in (b"one\n", b"two\n", b"six\n"):
        kept.append(text)

    deadline = time.monotonic() + 10
    while sum(map(is_locked, segments(tmp_path))) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    kept.close()

    assert sorted(path.read_bytes() for path in segments(tmp_path)) == [
        b"one\ntwo\n",
        b"six\n",
    ]


def test_threads_share_a_spool_without_mixing_their_lines(tmp_path):
    kept = Spool(tmp_path, turn_s=0.01, most_bytes=5_000)
    start = threading.Barrier(8)

    def write(number):
        start.wait()
        for count in range(1_000):
            kept.append(f"{number} {count}\n".encode())

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.close()

    lines = b"".join(path.read_bytes() for path in segments(tmp_path)).splitlines()
    assert sorted(lines) == sorted(
        f"{number} {count}".encode() for number in range(8) for count in range(1_000)
    )


def test_a_child_writes_to_a_segment_of_its_own(kept, tmp_path):
    kept.append(b"parent\n")
    (segment,) = segments(tmp_path)
    pid = os.fork()
    if not pid:
        kept.append(b"child\n")
        kept.close()
        signal.pause()
    try:
        deadline = time.monotonic() + 10
        while len(segments(tmp_path)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        kept.close()
        # The child lives, and does not hold what its parent let go.
        assert not is_locked(segment)
        assert segment.read_bytes() == b"parent\n"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.fixture
def small_disk():
    """Let no file grow beyond 100 bytes, as a full disk would not."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_click_that_does_not_fit_leaves_nothing(kept, tmp_path, small_disk):
    kept.append(b"a" * 69 + b"\n")
    with pytest.raises(OSError, match="part"):
        kept.append(b"b" * 69 + b"\n")  # 30 bytes of it still fit
    small_disk()
    kept.append(b"c" * 69 + b"\n")

    (segment,) = segments(tmp_path)
    assert segment.read_bytes() == b"a" * 69 + b"\n" + b"c" * 69 + b"\n"


def test_a_full_disk_makes_no_heap_of_files(kept, tmp_path, small_disk):
    for _ in range(100):
        with pytest.raises(OSError):  # noqa: PT011 (one of several numbers)
            kept.append(b"b" * 101)
    small_disk()  # before pytest writes its own output, perhaps to a file

    assert len(segments(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_refuses_the_click(tmp_path):
    (tmp_path / "spool").write_text("not a folder")

    with pytest.raises(FileExistsError):
        Spool(tmp_path / "spool").append(b"one\n")


# ------------------------------------------------------------------ the importer


def test_clicks_arrive_as_they_were(link, kept, tmp_path):
    click, bot = token.mint(link.pk, AT), token.mint(link.pk, AT, token.Flag.BOT)
    kept.append(spool.line(click, VISITOR))
    kept.append(spool.line(bot, VISITOR))
    kept.close()

    assert importer.import_segments(tmp_path) == Imported(segments=1, clicks=2)
    assert set(
        Click.objects.values_list("click_id", "link", "at", "is_bot", "visitor_hash")
    ) == {(click, link.pk, AT, False, VISITOR), (bot, link.pk, AT, True, VISITOR)}
    assert list(tmp_path.iterdir()) == []


def test_a_segment_being_written_is_left_alone(link, kept, tmp_path):
    kept.append(line(link.pk))

    assert importer.import_segments(tmp_path) == Imported()
    assert segments(tmp_path)
    kept.close()
    assert importer.import_segments(tmp_path) == Imported(segments=1, clicks=1)


def test_a_segment_that_came_back_counts_nothing_twice(link, kept, tmp_path):
    kept.append(line(link.pk))
    kept.close()
    (segment,) = segments(tmp_path)
    text = segment.read_bytes()
    importer.import_segments(tmp_path)
    segment.write_bytes(text)

    assert importer.import_segments(tmp_path) == Imported(segments=1, known=1)
    assert Click.objects.count() == 1


def test_a_torn_last_line_is_counted_and_the_others_arrive(link, tmp_path):
    whole = line(link.pk)
    (tmp_path / "dead.clicks").write_bytes(whole + line(link.pk)[:-1])

    assert importer.import_segments(tmp_path) == Imported(segments=1, clicks=1, torn=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "stranger",
    [
        b"\n",
        b"\0" * 100 + b"\n",
        b"\xff\xfe\n",
        b"A" * 43 + b" " + VISITOR.encode() + b"\n",
    ],
)
def test_a_line_that_makes_no_sense_is_kept_for_a_person(
    link, tmp_path, caplog, stranger
):
    text = stranger + line(link.pk)
    (tmp_path / "odd.clicks").write_bytes(text)

    assert importer.import_segments(tmp_path) == Imported(
        segments=1, clicks=1, unreadable=1
    )
    assert (tmp_path / "odd.kept").read_bytes() == text
    assert "odd.clicks: 1 lines" in caplog.text
    assert importer.import_segments(tmp_path) == Imported()


def test_a_click_on_a_link_that_is_gone_is_kept_for_a_person(link, tmp_path, caplog):
    (tmp_path / "odd.clicks").write_bytes(line(link.pk + 1) + line(link.pk))

    assert importer.import_segments(tmp_path) == Imported(
        segments=1, clicks=1, unreadable=1
    )
    assert (tmp_path / "odd.kept").exists()
    assert "odd.clicks" in caplog.text


def test_an_empty_segment_goes(db, tmp_path):
    (tmp_path / "dead.clicks").touch()

    assert importer.import_segments(tmp_path) == Imported(segments=1)
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_name_yet_is_swept_when_it_is_old(db, tmp_path):
    old, young = tmp_path / "1.new", tmp_path / "2.new"
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 61, time.time() - 61))

    importer.import_segments(tmp_path)

    assert list(tmp_path.iterdir()) == [young]


def test_other_files_and_a_missing_folder_are_no_segments(db, tmp_path):
    (tmp_path / "note.txt").write_text("mine")

    assert importer.import_segments(tmp_path) == Imported()
    assert importer.import_segments(tmp_path / "absent") == Imported()
    assert (tmp_path / "note.txt").exists()


def test_an_import_that_fails_leaves_the_segment(link, kept, tmp_path, monkeypatch):
    kept.append(line(link.pk))
    kept.close()
    with monkeypatch.context() as broken:
        broken.setattr(importer, "_INSERT", "select 1 / 0")
        with pytest.raises(importer.transaction.Error):
            importer.import_segments(tmp_path)
    assert not Click.objects.exists()

    assert importer.import_segments(tmp_path).clicks == 1


@pytest.mark.django_db(transaction=True)
def test_importers_that_meet_count_every_click_once(tmp_path):
    link = LinkFactory()
    text = [line(link.pk) for _ in range(2_000)]
    for number in range(20):
        # The same clicks in several segments, in another order each.
        (tmp_path / f"{number}.clicks").write_bytes(
            b"".join(text[number * 97 :] + text[: number * 97])
        )
    start, results = threading.Barrier(4), []

    def bring():
        start.wait()
        results.append(importer.import_segments(tmp_path))
        importer.connection.close()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Click.objects.count() == 2_000
    assert sum(result.clicks for result in results) == 2_000
    assert sum(result.segments for result in results) == 20
    assert list(tmp_path.iterdir()) == []
