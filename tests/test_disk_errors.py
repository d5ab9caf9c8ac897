"""What is said of a folder that is full or cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from af_lab.disk_errors import as_storage_error, check_room, is_full, storage_errors
from af_lab.errors import StorageError

HOME = Path("/home/alice/af-lab")


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "The disk of /home/alice/af-lab is full: remove what you do not need there, then try again."),
        (errno.EDQUOT, "Your quota for /home/alice/af-lab is used up: remove what you do not need there, then try"),
        (errno.EROFS, "/home/alice/af-lab cannot be written (Read-only file system): mend this, or use another"),
        (errno.EACCES, "/home/alice/af-lab cannot be written (Permission denied): mend this"),
        (errno.EIO, "/home/alice/af-lab cannot be written (Input/output error): mend this"),
    ],
)
def test_the_sentence_names_the_folder_and_the_remedy(number: int, says: str) -> None:
    error = OSError(number, os.strerror(number), str(HOME / "clusters" / "key.pem"))
    with pytest.raises(StorageError) as told, storage_errors(HOME):
        raise error
    assert str(told.value).startswith(says)
    assert told.value.__cause__ is error
    assert is_full(error) == (number in (errno.ENOSPC, errno.EDQUOT))
    # Without a folder it is that of the file.
    assert str(as_storage_error(error)).startswith(says.replace(str(HOME), str(HOME / "clusters")))


def test_no_folder_for_temporary_files_is_told() -> None:
    error = FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']")
    assert str(as_storage_error(error)).startswith("No usable temporary directory found in ['/tmp', '/var/tmp']: rem")


@pytest.mark.parametrize(
    "error", [FileNotFoundError(errno.ENOENT, "No such file", "x"), ConnectionResetError(errno.ECONNRESET, "reset")]
)
def test_other_errors_stay_what_they_are(error: OSError) -> None:
    assert as_storage_error(error) is None
    with pytest.raises(type(error)), storage_errors(HOME):
        raise error


def test_room_leaves_nothing(tmp_path: Path) -> None:
    check_room(tmp_path)
    assert not list(tmp_path.iterdir())
