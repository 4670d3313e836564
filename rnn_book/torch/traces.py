"""What goes on inside a torch layer: gates and states of every step, gradients by lag.

All of it is computed by the readable step, in the layer's own dtype and on its device, for layers
of this package as for those of torch.nn; gradients come from autograd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.rnn import PackedSequence
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from rnn_book.draws import Rng, generator
from rnn_book.torch.batch import Batch
from rnn_book.torch.gru import GRUStep
from rnn_book.torch.lstm import LSTMStep
from rnn_book.torch.recurrent import Layer, Recurrent
from rnn_book.torch.rnn import RNNStep

__all__ = ["lag_norms", "record"]

Array = NDArray[np.floating]


def record(layer: Any, x: Any, hx: Any = None, lengths: Any = None) -> dict[str, dict[str, Array]]:
    """Gates and states of every step, as `rnn_book.record_gates` describes them."""
    twin, found = _readable(layer), {}
    with torch.no_grad():
        batch = Batch(twin, _tensors(x, twin), _tensors(hx, twin), lengths)
        traces: list[Any] = []
        twin._run(batch, {}, traces)
    for k, (suffix, steps) in enumerate(zip(twin.suffixes, traces, strict=True)):
        backwards = k % twin.directions == 1
        named = {
            name: [saved[position] for _, saved in steps]
            for position, name in enumerate(twin.cell.recorded)
        }
        for position, name in reversed(list(enumerate(twin.cell.states))):
            named[name] = [state[position] for state, _ in steps]
        found[suffix] = {
            name: _array(batch.in_time(torch.stack(values), backwards))
            for name, values in named.items()
        }
    return found


def lag_norms(layer: Any, x: Any, rng: Rng) -> Array:
    """Norms of the gradient of the last state, as `rnn_book.gradient_by_lag` describes them."""
    twin = _readable(layer)
    if twin.num_layers != 1 or twin.bidirectional:
        raise ValueError(
            f"layer must have one layer and one direction, got num_layers={twin.num_layers}, "
            f"bidirectional={twin.bidirectional}"
        )
    if isinstance(x, PackedSequence):
        raise TypeError(
            "x must be a Tensor, whose sequences end at the same step, got a PackedSequence: "
            "unpack it, and hand over sequences of one length"
        )
    u = generator(rng).standard_normal(twin.hidden_size)
    with torch.enable_grad():
        batch = Batch(twin, _tensors(x, twin), None, None)
        batch.states = [state.requires_grad_() for state in batch.states]
        traces: list[Any] = []
        twin._run(batch, {}, traces)
        direction = torch.from_numpy(u / np.linalg.norm(u)).to(batch.x)
        # The steps that follow depend on the states through these tensors alone, one for each.
        steps = [tuple(batch.states), *(state for state, _ in traces[0])]
        loss = (steps[-1][0] * direction).sum()
        flat = [part for state in steps for part in state]
        slopes = torch.autograd.grad(loss, flat, allow_unused=True, materialize_grads=True)
    count = len(twin.cell.states)
    norms = np.empty(batch.steps + 1)
    for k in range(batch.steps + 1):
        first = (batch.steps - k) * count
        parts = [slope.double().square().sum(-1) for slope in slopes[first : first + count]]
        norms[k] = torch.stack(parts).sum(0).mean().sqrt().item()
    return norms


def _readable(layer: Any) -> Recurrent:
    """A layer in evaluation with the weights of `layer` as they are now, which is not changed."""
    layer = getattr(layer, "_orig_mod", layer)  # what torch.compile was given
    if not isinstance(layer, Layer | torch.nn.RNNBase):
        raise TypeError(_refusal(layer))
    if getattr(layer, "proj_size", 0):
        raise TypeError("layer must have no projection (proj_size), got one")
    twin = Recurrent(
        layer.cell if isinstance(layer, Layer) else _stock_cell(layer),
        *(layer.input_size, layer.hidden_size, layer.num_layers),
        bias=bool(layer.bias),
        batch_first=layer.batch_first,
        bidirectional=layer.bidirectional,
        device="meta",
    ).eval()
    if isinstance(layer, Layer):
        twin.options = layer.options
    fresh = _reparametrised(layer)
    for name in list(twin._parameters):
        value = fresh.get(name, getattr(layer, name)).detach()
        del twin._parameters[name]
        setattr(twin, name, value)
    return twin


def _stock_cell(layer: torch.nn.RNNBase) -> Any:
    """The step that a layer of torch.nn makes."""
    if isinstance(layer, torch.nn.LSTM):
        return LSTMStep()
    if isinstance(layer, torch.nn.GRU):
        return GRUStep()
    if isinstance(layer, torch.nn.RNN):
        return RNNStep(layer.nonlinearity)
    raise TypeError(_refusal(layer))


def _reparametrised(layer: torch.nn.Module) -> dict[str, Tensor]:
    """Weights that a hook computes before each call: as the next call will find them."""
    found = {}
    with torch.no_grad():
        for hook in layer._forward_pre_hooks.values():
            if isinstance(hook, BasePruningMethod):
                found[hook._tensor_name] = hook.apply_mask(layer)
            elif isinstance(hook, WeightNorm):
                found[hook.name] = hook.compute_weight(layer)
            elif isinstance(hook, SpectralNorm):
                found[hook.name] = hook.compute_weight(layer, do_power_iteration=False)
    return found


def _refusal(layer: Any) -> str:
    """What is wrong with something that is no recurrent layer, and what would do."""
    wanted = "layer must be a recurrent layer of rnn_book.numpy, rnn_book.torch or torch.nn, got "
    kind = type(layer).__name__
    if isinstance(layer, torch.jit.ScriptModule):
        return f"{wanted}a compiled {kind}: hand over the layer that it was made from"
    if isinstance(layer, torch.nn.Module):
        for name, part in layer.named_modules():
            if name and isinstance(part, Layer | torch.nn.RNNBase):
                return f"{wanted}{kind}: hand over its layer {name}"
    return wanted + kind


def _tensors(value: Any, twin: Recurrent) -> Any:
    """Input as the layer takes it; arrays become tensors where the layer is."""
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.detach())
    if isinstance(value, Sequence):
        return tuple(_tensors(part, twin) for part in value)
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(value)).to(twin.all_weights[0][0].device)
    return value.detach() if isinstance(value, Tensor) else value


def _array(value: Tensor) -> Array:
    """As an array; half precision, of which NumPy has one kind only, as float32."""
    return (value.float() if value.element_size() < 4 else value).cpu().numpy()
