"""Make, complete or mend the virtual environment .venv, and the fonts and KaTeX in node_modules.

A stamp in .venv says what was installed from which files, so that a second start does nothing. An
interrupted set-up leaves no stamp; the next one goes on with what is there. All downloads are
cached in the checkout (unless PIP_CACHE_DIR says otherwise), because nothing else is ours to fill.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tools.console import CACHE, ROOT, SetupError, contained_environment, follow, lock, say

VENV = ROOT / ".venv"
STAMP = "rnn_book.json"
LOG = CACHE / "setup.log"
LOG_NAME = ".cache/setup.log"

READ = ("torch", "plot", "files", "experiments", "docs")
CHECK = (*READ, "test")

NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Max retries exceeded"
    r"|Name or service not known|name resolution|nodename nor servname|Network is unreachable"
    r"|Connection (refused|reset|aborted)|No route to host|getaddrinfo"
    # pip's only word on it when told not to retry: it saw no version of a package that exists.
    r"|\(from versions: none\)"
    r"|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH"
)


def python_in(venv: Path) -> Path:
    return venv / "bin" / "python"


def version_of(python: Path) -> tuple[int, int] | None:
    """Return (major, minor) of an interpreter, or None when it does not run."""
    try:
        answer = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        major, minor = answer.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return int(major), int(minor)


def fingerprint(root: Path = ROOT) -> str:
    """Return a hash of all that decides what is installed; a moved checkout counts as a change."""
    digest = hashlib.sha256(str(root).encode())
    for name in ("pyproject.toml", "constraints.txt", "package-lock.json"):
        path = root / name
        digest.update(name.encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def is_ready(venv: Path, extras: tuple[str, ...], mark: str) -> bool:
    """Tell whether the stamp promises these extras, installed from the files as they are now."""
    try:
        stamp = json.loads((venv / STAMP).read_text())
        return stamp["fingerprint"] == mark and set(extras) <= set(stamp["extras"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def create(venv: Path) -> None:
    """Make the virtual environment with the interpreter that runs this."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SetupError(
                f"{sys.executable} cannot make a virtual environment: it has no module {module}"
                " (on Debian and Ubuntu: apt-get install python3-venv)."
            )
    say(f"Creating the environment in {venv.name} with Python {sys.version.split()[0]}.")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", venv],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        reason = (made.stderr or made.stdout).strip().splitlines() or ["no reason given"]
        raise SetupError(f"the virtual environment could not be made: {reason[-1]}")


def has_pip(python: Path) -> bool:
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0


def find_or_create(venv: Path) -> Path:
    """Return the interpreter of a sound environment; a dead environment is made anew."""
    python = python_in(venv)
    if not venv.exists():
        create(venv)
        return python
    version = version_of(python)
    if version is None:
        if not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()):
            raise SetupError(f"{venv.name} is not a virtual environment: move it out of the way.")
        say(f"The environment in {venv.name} does not run: making it anew.")
        create(venv)
        return python
    if version < (3, 11):
        raise SetupError(
            f"{venv.name} holds Python {version[0]}.{version[1]}, and rnn_book needs 3.11 or newer:"
            f" remove it (rm -r {venv.name}) and start again."
        )
    if os.environ.get("PYTHON") and version != sys.version_info[:2]:
        raise SetupError(
            f"PYTHON={os.environ['PYTHON']} is Python {sys.version_info[0]}.{sys.version_info[1]},"
            f" but {venv.name} holds {version[0]}.{version[1]}:"
            f" remove it (rm -r {venv.name}) and start again."
        )
    if not has_pip(python):
        say(f"The environment in {venv.name} has no pip: mending.")
        if subprocess.run([python, "-m", "ensurepip"], capture_output=True).returncode != 0:
            create(venv)
    return python


def site_packages(venv: Path) -> list[Path]:
    return sorted(venv.glob("lib/python3.*/site-packages"))


def remove_torn_packages(venv: Path) -> list[str]:
    """Forget packages whose installation was interrupted, and return their names.

    pip writes RECORD last. Without it pip believes that the package is installed and cannot
    remove it either; without its dist-info folder it is installed over what is there.
    """
    torn = []
    for folder in site_packages(venv):
        for info in folder.glob("*.dist-info"):
            if not (info / "RECORD").exists() or not (info / "METADATA").exists():
                shutil.rmtree(info)
                torn.append(info.name.split("-")[0])
        for leftover in folder.glob("~*"):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
    return sorted(torn)


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_torch(venv: Path) -> tuple[str, set[str]] | None:
    """Return version and requirements of the torch that the environment holds already."""
    folders = [str(folder) for folder in site_packages(venv)]
    for torch in metadata.distributions(name="torch", path=folders):
        needs = [re.split(r"[^\w.\-]", need)[0] for need in torch.requires or ()]
        return torch.version, {normalise(need) for need in needs}
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the major and the minor version."""
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def constraints(venv: Path, root: Path = ROOT) -> Path:
    """Return the constraints to install with: ours, but with the torch that is already there.

    Somebody who put a build for their machine into the environment does not want it replaced.
    """
    ours = root / "constraints.txt"
    found = installed_torch(venv)
    lines = ours.read_text().splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    if found is None or found[0].split("+")[0] == pins["torch"]:
        return ours
    version, needs = found
    wanted = re.search(r'"torch>=([\d.]+)"', (root / "pyproject.toml").read_text())
    if wanted and _numbers(version) < _numbers(wanted[1]):
        say(f"Replacing torch {version}, which is older than {wanted[1]}.")
        return ours
    say(f"Keeping torch {version}, which is there (outputs were recorded with {pins['torch']}).")
    # Another torch may need other versions of what it builds on: those pins go too.
    kept = {name: pin for name, pin in pins.items() if name not in needs} | {"torch": version}
    changed = CACHE / "constraints.txt"
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text("".join(f"{name}=={pin}\n" for name, pin in kept.items()))
    return changed


def pip_status(line: str) -> str | None:
    """Pick the lines of pip's output that tell a person what takes its time."""
    line = line.strip()
    if match := re.match(r"Downloading (?:\S*/)?([\w.]+)-\d\S* \((\d\d+(?:\.\d)? [MG]B)\)", line):
        return f"downloading {match[1]}, {match[2]}"
    if line.startswith("Installing collected packages"):
        return f"installing {line.count(',') + 1} packages"
    return None


def failure(output: str) -> str:
    """Return the one line that says why pip or npm failed."""
    if NETWORK.search(output):
        return f"the package index cannot be reached: is the network up? (log: {LOG_NAME})"
    if "No space left on device" in output:
        return f"the disk is full (log: {LOG_NAME})."
    errors = re.findall(r"^ *(?:ERROR|npm error|npm ERR!)[: ]+(.+)$", output, re.MULTILINE)
    # A build that fails ends its own output, indented in pip's, with its error.
    errors += re.findall(r"^(.+)\n *\[end of output\]$", output, re.MULTILINE)
    reason = errors[0].strip().rstrip(".") if errors else "it gave no reason"
    return f"the installation failed: {reason} (log: {LOG_NAME})."


def pip_environment() -> dict[str, str]:
    """Return the environment for pip: no option of the user's that would install elsewhere."""
    dropped = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    ours = {"PIP_CACHE_DIR": str(CACHE / "pip"), "PIP_RETRIES": "3"}
    fixed = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1"}
    return ours | kept | fixed


def install_python(venv: Path, extras: tuple[str, ...]) -> None:
    torn = remove_torn_packages(venv)
    if torn:
        say(f"An earlier set-up was interrupted: mending {', '.join(torn)}.")
    say("Installing the packages (the first time this takes some minutes).")
    # Compiling all of torch and sympy ahead takes a minute; Python compiles what is imported.
    options = ("--no-color", "--progress-bar=off", "--no-compile")
    command = [
        *(str(python_in(venv)), "-m", "pip", "install", *options),
        *("-c", str(constraints(venv)), "-e", f".[{','.join(extras)}]"),
    ]
    code, output = follow(command, LOG, pip_status, pip_environment())
    if code != 0:
        raise SetupError(failure(output))


def install_assets(venv: Path) -> None:
    """Fetch KaTeX and the fonts, with the Node that came with the environment."""
    script = ROOT / "docs" / "_hooks" / "node.py"
    if script.exists():
        say("Installing KaTeX and the fonts.")
        command = [str(python_in(venv)), str(script)]
        code, output = follow(command, LOG, lambda line: None, contained_environment())
        if code != 0:
            raise SetupError(failure(output))


def ensure(extras: tuple[str, ...]) -> Path:
    """Bring the environment to where it has these extras, and return its interpreter."""
    with lock("set-up"):
        mark = fingerprint()
        if is_ready(VENV, extras, mark) and version_of(python_in(VENV)) is not None:
            say(f"Environment: ready ({VENV.name}).")
            return python_in(VENV)
        LOG.unlink(missing_ok=True)
        python = find_or_create(VENV)
        (VENV / STAMP).unlink(missing_ok=True)
        install_python(VENV, extras)
        install_assets(VENV)
        (VENV / STAMP).write_text(json.dumps({"fingerprint": mark, "extras": sorted(extras)}))
        say(f"Environment: ready ({VENV.name}).")
        return python


def environment_for(python: Path) -> dict[str, str]:
    """Return the environment for programs of the book: contained, with .venv/bin on the path."""
    environment = contained_environment()
    environment["PATH"] = f"{python.parent}{os.pathsep}{environment.get('PATH', '')}"
    return environment | {"VIRTUAL_ENV": str(python.parent.parent)}
