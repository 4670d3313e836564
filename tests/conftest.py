"""What all tests share. Kept small: a fixture that one file needs stands in that file."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import snippets
from tools import build_site
from tools.console import ROOT, contained_environment

# Before anything is imported that reads them: the tests write below the checkout only, and they
# run side by side, one thread each.
os.environ.update(contained_environment())
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let no test connect to another machine: nothing that the book promises needs one."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectionRefusedError(f"the tests do without the network, not {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site; it is built (strictly) if anything changed since."""
    return build_site.build()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snippets",
        action="store_true",
        help="record what the snippets print (-k TEXT: those with TEXT in their name) and stop",
    )


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.option.update_snippets:
        return None
    report, well = snippets.record(ROOT, config.option.keyword)
    print("\n".join(report))
    return 0 if well else 1


@pytest.fixture(scope="session")
def run_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this session's runs of experiments, one for all of xdist's processes."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "runs"
