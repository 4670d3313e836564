"""Labs run in kernels that are forked from one process, each as if it had been started alone."""

import os
import signal
import time
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from tests.hooks import hook

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # nbclient's own


@pytest.fixture(scope="module")
def kernels():
    return hook("kernels")


@pytest.fixture
def data(kernels, tmp_path, monkeypatch):
    """Jupyter's folder of data, in which these kernels are described."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernels.install(tmp_path)


@pytest.fixture
def warm(kernels, data, tmp_path):
    """Kernels to be forked, from a process that has imported one module and failed with another."""
    if not kernels.FORKS:
        pytest.skip("kernels are forked on Linux alone")
    folder = tmp_path / "folder"
    folder.mkdir()
    variables = os.environ | {"PLANTED": "here"}
    warm = kernels.Warm(["fractions", "absent"], folder, variables)
    yield warm
    warm.close()


def execute(kernels, warm, *cells):
    """Run cells in one kernel, and return what each printed."""
    notebook = jupytext.reads("\n\n".join(f"# %%\n{cell}" for cell in cells), fmt="py:percent")
    client = NotebookClient(notebook, kernel_name=kernels.NAME, timeout=60, startup_timeout=60)
    client.execute(**warm.options)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


def test_what_several_programs_import_is_shared(kernels):
    sources = [
        "import a.b\nfrom c import d\nimport alone",
        "def f():\n    import a.b, c",
        "%matplotlib inline\nimport a.b",
    ]
    assert kernels.shared(sources) == ["a.b", "c"]
    assert kernels.shared(sources[:1]) == []


def test_where_none_may_be_forked_a_kernel_starts_by_itself(kernels, tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "FORKS", False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernels.install(tmp_path)
    warm = kernels.Warm(["fractions"], tmp_path, os.environ | {"PLANTED": "here"})
    (text,) = execute(kernels, warm, 'import os\nprint(os.environ["PLANTED"], os.getcwd())')
    assert text.split() == ["here", str(tmp_path)]
    warm.close()


def test_a_forked_kernel_knows_its_folder_and_variables_and_nothing_of_others(kernels, warm):
    code = (
        "import os, sys\n"
        "print(os.getcwd(), os.environ['PLANTED'], 'fractions' in sys.modules, 'x' in globals())\n"
        "print('kernels' in sys.modules, os.environ.get('MPLBACKEND'), sys.flags.isolated)\n"
        "x = 1"
    )
    inline = "module://matplotlib_inline.backend_inline"
    folder = warm.options["cwd"]
    for _ in range(2):
        (printed,) = execute(kernels, warm, code)
        assert printed == f"{folder} here True False\nFalse {inline} 0\n"


def test_a_kernel_that_dies_is_told_of_and_the_next_one_runs(kernels, warm):
    with pytest.raises(DeadKernelError):
        execute(kernels, warm, "import os; os._exit(3)")
    assert execute(kernels, warm, "print(1)") == ["1\n"]


def ended(pid: int) -> bool:
    """Tell whether a process ends, or has ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize("what", ["who asked", "the build"])
def test_a_kernel_ends_with_who_asked_for_it_and_with_the_build(kernels, data, tmp_path, what):
    warm = kernels.Warm([], tmp_path, dict(os.environ))
    notebook = jupytext.reads("# %%\nimport os; print(os.getpid())", fmt="py:percent")
    client = NotebookClient(notebook, kernel_name=kernels.NAME, timeout=60, startup_timeout=60)
    with client.setup_kernel(**warm.options):
        client.execute_cell(notebook.cells[0], 0)
        pid = int(notebook.cells[0].outputs[0]["text"])
        asking = client.km.provisioner.pid
        assert asking != pid
        if what == "who asked":
            os.kill(asking, signal.SIGKILL)
        else:
            warm.close()
        assert ended(pid)
        assert ended(asking)
    warm.close()
