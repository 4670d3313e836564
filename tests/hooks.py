"""The hooks of the site's build, for tests that call one of their functions."""

import importlib.util
import sys

from tools.console import ROOT

FOLDER = ROOT / "docs" / "_hooks"


def hook(name):
    """Return a hook as a module, freshly made, so that no test sees what another left in it."""
    spec = importlib.util.spec_from_file_location(f"hook_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    sys.path.insert(0, str(FOLDER))  # hooks import each other
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module
