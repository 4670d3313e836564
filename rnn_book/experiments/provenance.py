"""Where results were made: the machine, its libraries, and the folders that hold what it made."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

__all__ = ["THREADS", "checkout", "kernels", "machine", "user_cache", "versions"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What the libraries read, when they are loaded, for the number of their threads."""


def checkout() -> Path | None:
    """The folder of the book's sources, None where the package is installed without them."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "mkdocs.yml").is_file() else None


def user_cache() -> Path:
    """The folder of this user's caches for this package, where there is no checkout to keep them.

    ``$XDG_CACHE_HOME/rnn_book``, or ``~/.cache/rnn_book``.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rnn_book"


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
    """The libraries that compute NumPy's matrix products, with the kernels that they chose."""
    import threadpoolctl

    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    # A wheel of NumPy brings its own, beside those that other packages bring.
    own = [pool for pool in pools if "numpy.libs" in pool["filepath"]] or pools
    return sorted(
        {
            f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}".strip()
            for pool in own
        }
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    vector = next((name for name in ("avx512f", "avx2") if name in flags), platform.machine())
    return f"{model or platform.processor()} ({vector})"
