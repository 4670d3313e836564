"""What all tests share. Kept small: a fixture that one file needs stands in that file."""

import os
from pathlib import Path

import pytest

from tools import build_site
from tools.console import contained_environment

# Before anything is imported that reads them: the tests write below the checkout only, and they
# run side by side, one thread each.
os.environ.update(contained_environment())
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site; it is built (strictly) if anything changed since."""
    return build_site.build()
