import stat

import pytest

from planner.io.atomic import write_bytes, write_text


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    write_text(path, "größer")
    assert path.read_bytes() == "größer".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def broken(_):
        raise OSError("disk full")

    monkeypatch.setattr("planner.io.atomic.os.fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(path, b"new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_others_may_read_what_open_would_have_let_them_read(tmp_path):
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "atomic", "")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "atomic")}
    assert len(modes) == 1
