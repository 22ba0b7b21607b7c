from pathlib import Path

import pytest

from affiliate.common import embedded
from affiliate.common.embedded import sockets


def test_a_short_plain_path_is_used_as_it_is() -> None:
    assert sockets.short(Path("/srv/shop/.local")) == Path("/srv/shop/.local")


@pytest.mark.parametrize("name", ["x" * 120, "a blank", "Zoé", "100%"])
def test_any_other_path_gets_the_same_short_link_each_time(
    tmp_path: Path, name: str
) -> None:
    link = sockets.short(tmp_path / name)

    assert sockets.short(tmp_path / name) == link
    assert len(str(link)) <= 85
    assert link.readlink() == tmp_path / name
    sockets.forget(tmp_path / name)
    assert not link.is_symlink()


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    link = sockets.short(folder)
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(embedded.CannotStart, match="is not our link"):
            sockets.short(folder)
    finally:
        link.unlink()
