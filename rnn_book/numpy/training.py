"""Training: SGD with momentum, Adam, and clipping by norm, as in torch."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rnn_book.numpy.functions import Array
from rnn_book.numpy.modules import Module

__all__ = ["SGD", "Adam", "clip_grad_norm"]


def _modules(modules: Module | Iterable[Module]) -> list[Module]:
    found = [modules] if isinstance(modules, Module) else list(modules)
    for module in found:
        if not isinstance(module, Module):
            raise TypeError(f"modules must be modules of rnn_book.numpy, got {module!r}")
    if not found:
        raise ValueError("modules must hold at least one module, got none (a used-up iterator?)")
    if len({id(module) for module in found}) < len(found):
        raise ValueError("modules must hold each module once, got one of them twice")
    return found


def _check(name: str, value: Any, low: float, high: float = np.inf) -> float:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not low <= value < high:
        raise ValueError(f"{name} must lie in [{low}, {high}), got {value}")
    return float(value)


def _check_parameters(modules: list[Module]) -> None:
    """A parameter that two names share would be moved twice per step."""
    found = [
        (f"{type(module).__name__}.{name}", array)
        for module in modules
        for name, array in module.parameters.items()
    ]
    if not found:
        raise ValueError("modules must have parameters to optimise, got none")
    for (name, array), (other, second) in itertools.combinations(found, 2):
        if np.shares_memory(array, second):
            raise ValueError(
                f"modules must not share parameters, which would be moved twice per step: {name} "
                f"and {other} are the same memory"
            )


def clip_grad_norm(modules: Module | Iterable[Module], max_norm: float) -> float:
    """Scale all gradients together so that their norm is at most `max_norm` (Pascanu et al. 2013,
    arXiv 1211.5063).

    Follows `torch.nn.utils.clip_grad_norm_`: the factor is ``max_norm / (norm + 1e-6)`` where that
    is below 1.

    Parameters
    ----------
    modules
        Modules whose `grads` are scaled in place.
    max_norm
        Largest norm allowed; infinity only measures.

    Returns
    -------
    float
        The norm before clipping.
    """
    if max_norm != np.inf:
        _check("max_norm", max_norm, 0)
    gradients = [g for module in _modules(modules) for g in module.grads.values()]
    norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients)))
    if not norm + 1e-6 <= max_norm:
        for gradient in gradients:
            gradient *= max_norm / (norm + 1e-6)
    return norm


class Optimiser:
    """What optimisers share: the list of parameters with their gradients, and setting those to
    0.
    """

    def __init__(self, modules: Module | Iterable[Module], lr: float) -> None:
        self.modules = _modules(modules)
        _check_parameters(self.modules)
        self.lr = _check("lr", lr, 0)
        self.memory: dict[int, Any] = {}

    def _pairs(self) -> Iterator[tuple[int, Array, Array]]:
        pairs = ((m.parameters[name], m.grads[name]) for m in self.modules for name in m.parameters)
        return ((k, parameter, gradient) for k, (parameter, gradient) in enumerate(pairs))

    def zero_grad(self) -> None:
        """Set the gradients of every module to 0."""
        for module in self.modules:
            module.zero_grad()


class SGD(Optimiser):
    """Stochastic gradient descent with momentum, as `torch.optim.SGD`.

    Parameters
    ----------
    modules
        One module or several.
    lr
        Learning rate.
    momentum
        Share of the last step that is kept.
    """

    def __init__(
        self, modules: Module | Iterable[Module], lr: float = 1e-3, momentum: float = 0.0
    ) -> None:
        super().__init__(modules, lr)
        self.momentum = _check("momentum", momentum, 0)

    def step(self) -> None:
        """Change every parameter in place."""
        for k, parameter, gradient in self._pairs():
            if self.momentum:
                velocity = self.memory.get(k)
                gradient = (
                    gradient.copy() if velocity is None else self.momentum * velocity + gradient
                )
                self.memory[k] = gradient
            parameter -= self.lr * gradient


class Adam(Optimiser):
    """Adam, as `torch.optim.Adam` (Kingma & Ba 2015, arXiv 1412.6980).

    Parameters
    ----------
    modules
        One module or several.
    lr
        Learning rate.
    betas
        Decay of the mean of the gradient and of its square.
    eps
        Added to the denominator.
    """

    def __init__(
        self,
        modules: Module | Iterable[Module],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(modules, lr)
        self.betas = (_check("betas[0]", betas[0], 0, 1), _check("betas[1]", betas[1], 0, 1))
        self.eps = _check("eps", eps, 0)
        self.steps = 0

    def step(self) -> None:
        """Change every parameter in place."""
        self.steps += 1
        b1, b2 = self.betas
        size = self.lr / (1 - b1**self.steps)
        correction = float(np.sqrt(1 - b2**self.steps))
        for k, parameter, gradient in self._pairs():
            if k not in self.memory:
                self.memory[k] = np.zeros_like(parameter), np.zeros_like(parameter)
            mean, square = self.memory[k]
            mean += (1 - b1) * (gradient - mean)
            square *= b2
            square += (1 - b2) * gradient * gradient
            parameter -= size * mean / (np.sqrt(square) / correction + self.eps)
