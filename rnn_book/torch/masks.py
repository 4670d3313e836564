"""Where masks come from: a module's own generator, or torch's; and how they can be drawn again.

A module with an `rng` draws its masks from a NumPy generator, so that they are those of
`rnn_book.numpy`. Such a generator is unknown to PyTorch, which saves and restores its own, so two
things are done here:

- `mask_state` and `load_mask_state` save and restore where the generators of a model stand. A
  state dict does not hold them, since its keys are those of torch.nn.
- `torch.utils.checkpoint` runs a forward a second time, with torch's generator as it was the first
  time. So under a checkpoint a module takes a number from torch's generator, and remembers under
  it where its own stood; the second time the same number comes, and the same masks with it.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import torch
import torch.utils.checkpoint
from torch import Tensor

__all__ = ["MaskModule", "load_mask_state", "mask_state"]

_FILE = torch.utils.checkpoint.__file__
_AGAIN = {"unpack_hook", "backward"}  # in that file: who runs a forward for the second time
_REMEMBERED = 1 << 16  # forwards under a checkpoint whose backward may be to come

# Number from torch's generator -> where a module's generator stood, and whether it was asked for.
# Not kept by the module, for that may be built anew whenever its forward runs.
_stood: OrderedDict[int, tuple[Any, bool]] = OrderedDict()


class MaskModule(torch.nn.Module):
    """A module that draws masks, from `_mask_rng` or, where that is None, torch's generator."""

    _mask_rng: np.random.Generator | None

    def _uniform(self, size: tuple[int, ...], device: Any) -> Tensor:
        """float32 numbers in [0, 1)."""
        if self._mask_rng is None:
            return torch.rand(size, dtype=torch.float32, device=device)
        return _draw(self._mask_rng, size).to(device)

    @contextmanager
    def _masks(self) -> Iterator[None]:
        """Around the draws of one forward: when it is repeated, they are the same."""
        rng = self._mask_rng
        if rng is None:
            yield
            return
        _refuse_constants(type(self).__name__)
        stands = _replay(rng)
        try:
            yield
        finally:
            if stands is not None:
                rng.bit_generator.state = stands


def _outside(function: Any) -> Any:
    """Run a function outside of compiled code, as `torch.compiler.disable` does. That imports the
    whole compiler, which takes as long as importing torch, so here it waits until someone compiles.
    """
    disabled = torch._disable_dynamo(function)

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        compiling = "torch._dynamo" in sys.modules
        return disabled(*arguments) if compiling else function(*arguments)

    return call


@_outside
def _draw(rng: np.random.Generator, size: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(rng.random(size, dtype=np.float32))


def _refuse_constants(name: str) -> None:
    """Under a tracer, masks that it cannot see would be those of this one call for ever."""
    if torch.jit.is_tracing() or torch.compiler.is_exporting():
        raise RuntimeError(
            f"{name} would be traced with the masks of this one call, because its rng draws "
            "outside of torch: call eval() first, or build it with rng=None"
        )


@_outside
def _replay(rng: np.random.Generator) -> Any:
    """Under a checkpoint, remember where `rng` stands; the second time, put it there again.

    Returns where it stood if it was put elsewhere, else None.
    """
    where = _checkpointed()
    if where is None:
        return None
    number = int(torch.randint(1 << 62, ()))
    stands = rng.bit_generator.state
    if where == "first":
        before, asked = _stood.pop(number, (stands, True))
        # The same number twice: torch was seeded anew, and an older forward may still need its own.
        _stood[number] = (stands if asked or before == stands else None, False)
        if len(_stood) > _REMEMBERED:
            _stood.popitem(last=False)
        return None
    stood = _stood.get(number, (None, False))[0]
    if stood is None:
        raise RuntimeError(
            "the masks of a forward cannot be drawn again for its backward: a checkpoint has to "
            "keep torch's generator (preserve_rng_state=True), which must not be seeded anew "
            "between a forward and its backward; or build the layer with rng=None"
        )
    _stood[number] = (stood, True)
    rng.bit_generator.state = stood
    return stands


def _checkpointed() -> str | None:
    """Which run of a forward this is: the "first" under a checkpoint, the one "again", or None."""
    found: str | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == _FILE:
            if frame.f_code.co_name in _AGAIN:
                return "again"
            found = "first"
        frame = frame.f_back
    in_backward = torch._C._current_graph_task_id() != -1 and torch.is_grad_enabled()
    return "again" if in_backward else found  # of someone else's checkpoint: it is refused


def mask_state(module: torch.nn.Module) -> dict[str, Any]:
    """Where the generators of all masks in a model stand, for training that goes on later.

    A state dict holds weights alone. To go on as if nothing had happened, build the model with the
    same arguments, load the state dict, and give this to `load_mask_state`.

    Parameters
    ----------
    module
        A layer or a whole model.

    Returns
    -------
    dict
        Name of a module -> state of its generator, of plain numbers and strings: `torch.save` and
        `torch.load` take it, and so does JSON. Modules without an `rng` draw from torch's
        generator, which `torch.get_rng_state` saves.
    """
    return {name: rng.bit_generator.state for name, rng in _generators(module).items()}


def load_mask_state(module: torch.nn.Module, state: Mapping[str, Any]) -> None:
    """Put the generators of all masks in a model where `mask_state` found them.

    Raises
    ------
    KeyError
        If the names are not those of the modules with an `rng`.
    """
    found = _generators(module)
    if found.keys() != state.keys():
        raise KeyError(f"state must have the keys {sorted(found)}, got {sorted(state)}")
    for name, rng in found.items():
        rng.bit_generator.state = state[name]


def _generators(module: torch.nn.Module) -> dict[str, np.random.Generator]:
    parts = {n: m for n, m in module.named_modules() if isinstance(m, MaskModule)}
    return {name: part._mask_rng for name, part in parts.items() if part._mask_rng is not None}
