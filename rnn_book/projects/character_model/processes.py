"""One process or several, through one code path: torchrun tells each of them who it is.

Alone, nothing is sent and `DistributedDataParallel` is not even wrapped around the model; with
several, each takes its columns of the batch, and gradients are averaged.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from rnn_book.projects.refusal import Refusal

__all__ = ["Processes", "joined"]

PATIENCE = datetime.timedelta(minutes=10)
"""How long a process waits for the others before it gives up."""

LOOPBACK = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
"""The interface by which a machine reaches itself."""


@dataclass(frozen=True)
class Processes:
    """Who this process is among all, and what they do together."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this one writes the files and the progress."""
        return self.rank == 0

    def columns(self, batch: int) -> tuple[int, int]:
        """First and last-but-one column of this process's share of a batch.

        Raises
        ------
        Refusal
            If the batch does not divide.
        """
        if batch % self.count:
            raise Refusal(f"--batch must be a multiple of the {self.count} processes, got {batch}")
        share = batch // self.count
        return self.rank * share, (self.rank + 1) * share

    def wrap(self, model: torch.nn.Module) -> torch.nn.Module:
        """The model, with gradients averaged over all processes."""
        if self.count == 1:
            return model
        return torch.nn.parallel.DistributedDataParallel(model)

    def gather(self, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The states of the whole batch, from each process's columns (the last axis but one)."""
        if self.count == 1:
            return state
        whole = []
        for part in state:
            parts = [torch.empty_like(part) for _ in range(self.count)]
            dist.all_gather(parts, part.contiguous())
            whole.append(torch.cat(parts, dim=-2))
        return tuple(whole)

    def mean(self, value: float) -> float:
        """The mean of a number over all processes."""
        return self._reduced(value, dist.ReduceOp.SUM) / self.count if self.count > 1 else value

    def any(self, flag: bool) -> bool:
        """Whether any process says so: all of them stop after the same update."""
        return bool(self._reduced(float(flag), dist.ReduceOp.MAX)) if self.count > 1 else flag

    def wait(self) -> None:
        """Until all are here."""
        if self.count > 1:
            dist.barrier()

    @staticmethod
    def _reduced(value: float, operation: Any) -> float:
        device = "cuda" if dist.get_backend() == "nccl" else "cpu"
        number = torch.tensor(value, dtype=torch.float64, device=device)
        dist.all_reduce(number, operation)
        return float(number)


@contextmanager
def joined(device: torch.device) -> Iterator[Processes]:
    """Join the processes that torchrun started, or be alone.

    NCCL carries the gradients between GPUs, gloo between CPUs.

    Raises
    ------
    Refusal
        When another process ended, or did not answer in time.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes()
        return
    backend = "nccl" if device.type == "cuda" else "gloo"
    if os.environ.get("LOCAL_WORLD_SIZE") == str(count) and LOOPBACK:
        # All on this machine: gloo need not find out by which name the others would call it.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK)
    try:
        dist.init_process_group(backend, timeout=PATIENCE)
        yield Processes(dist.get_rank(), count)
    except (dist.DistBackendError, dist.DistNetworkError, RuntimeError) as error:
        if not _lost(error):
            raise
        raise Refusal(
            "another process of this run ended or no longer answers; the last checkpoint is "
            f"whole: start again to go on from it ({_first_line(error)})"
        ) from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


_SIGNS = ("connection closed", "connection reset", "timed out", "timeout", "broken pipe", "gloo")


def _lost(error: Exception) -> bool:
    """Whether an error says that another process is gone: gloo has no type of its own for it."""
    text = str(error).lower()
    return isinstance(error, dist.DistError) or any(sign in text for sign in _SIGNS)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160]
