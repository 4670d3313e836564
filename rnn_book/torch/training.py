"""torch's own SGD and Adam, and clipping by norm, for whole modules as well as parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

__all__ = ["SGD", "Adam", "clip_grad_norm"]


def _parameters(params: Any) -> list[Any]:
    """The parameters of one or several modules; what is no module is passed on as it is."""
    if isinstance(params, torch.nn.Module | torch.Tensor):
        params = [params]
    found: list[Any] = []
    for part in params:
        found.extend(part.parameters() if isinstance(part, torch.nn.Module) else [part])
    return found


def clip_grad_norm(modules: torch.nn.Module | Iterable[Any], max_norm: float) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; returns what it was.

    `torch.nn.utils.clip_grad_norm_` (Pascanu et al. 2013, arXiv 1211.5063), also for modules.
    """
    if not max_norm >= 0:
        raise ValueError(f"max_norm must lie in [0, inf), got {max_norm}")
    return float(torch.nn.utils.clip_grad_norm_(_parameters(modules), max_norm))


class SGD(torch.optim.SGD):
    """Stochastic gradient descent with momentum: `torch.optim.SGD`, also for modules."""

    def __init__(
        self, modules: Any, lr: float = 1e-3, momentum: float = 0.0, **options: Any
    ) -> None:
        super().__init__(_parameters(modules), lr, momentum, **options)


class Adam(torch.optim.Adam):
    """Adam: `torch.optim.Adam`, also for modules (Kingma & Ba 2015, arXiv 1412.6980)."""

    def __init__(
        self,
        modules: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **options: Any,
    ) -> None:
        super().__init__(_parameters(modules), lr, betas, eps, **options)
