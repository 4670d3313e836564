"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(
    path: str | os.PathLike[str], content: str | bytes, *, parents: bool = True
) -> None:
    """Write a file; whatever goes wrong leaves what was there before, and nothing beside it.

    Parameters
    ----------
    path
        The file. A symbolic link stays one, and what it points to is written. A new file gets the
        permissions that the umask leaves, one that is there keeps its own.
    content
        Text is written as UTF-8.
    parents
        Whether to make the folders that are missing.
    """
    target = Path(os.path.realpath(path))
    data = content.encode() if isinstance(content, str) else content
    if parents:
        target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not target.is_file():
        target.write_bytes(data)  # a pipe or a device is not replaced; a folder raises
        return
    # Beside the target, since a file can be moved in one step only within its file system.
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            if target.exists():
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    # The new name is on the disk once its folder is; not every file system can be asked.
    with contextlib.suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
