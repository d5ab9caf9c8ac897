"""What worker and scheduler jobs agree on."""

from __future__ import annotations

from pathlib import Path

from af_lab.worker.protocol import read_ad


def test_an_ad_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "ad").write_text('ClusterId = 4\nName = "a = b"\n\n')
    assert read_ad(tmp_path / "ad") == {"ClusterId": "4", "Name": '"a = b"'}
