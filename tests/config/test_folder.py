"""The data folder: whoever else works on the machine reads nothing in it."""

import stat
from pathlib import Path

from config.server.folder import hold


def test_a_new_folder_is_its_owners_alone_and_an_old_one_is_left_as_it_is(tmp_path: Path) -> None:
    with hold(tmp_path / "new" / "data"):
        assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o750)
    with hold(shared):
        assert stat.S_IMODE(shared.stat().st_mode) == 0o750
