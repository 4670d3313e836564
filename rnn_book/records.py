"""Records of measurements: where they were made, and files that are written whole or not at all."""

from __future__ import annotations

import datetime
import os
import platform
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

__all__ = ["THREADS", "kernels", "machine", "versions", "write_whole"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What the libraries read, when they are loaded, for the number of their threads."""


def write_whole(path: Path, text: str) -> None:
    """Write a text file; an interruption leaves what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, suffix=".part", delete=False
    ) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def versions(packages: Sequence[str]) -> dict[str, str | None]:
    """Versions of installed packages, None for one that is missing."""
    found: dict[str, str | None] = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def machine() -> dict[str, str]:
    """Date, Python and processor."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "processor": _processor(),
    }


def kernels() -> list[str]:
    """The libraries that compute matrix products in this process, with the kernels they chose."""
    import threadpoolctl

    return sorted(
        {
            f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}".strip()
            for pool in threadpoolctl.threadpool_info()
            if pool["user_api"] == "blas"
        }
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    vector = next((name for name in ("avx512f", "avx2") if name in flags), platform.machine())
    return f"{model or platform.processor()} ({vector})"
