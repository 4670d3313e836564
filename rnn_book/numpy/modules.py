"""Module, the little that all layers share, and the layers that are not recurrent: Linear,
Embedding, LayerNorm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_book.checks import as_array, check_size
from rnn_book.draws import Rng, initial_weights, spawn
from rnn_book.numpy.functions import Array

__all__ = ["Embedding", "LayerNorm", "Linear", "Module"]


def check_dtype(dtype: Any) -> np.dtype:
    """float32 or float64, float32 for None; every other type is an error."""
    try:
        found = np.dtype(np.float32 if dtype is None else dtype)
    except TypeError as error:
        raise TypeError(f"dtype must be float32 or float64, got {dtype!r}") from error
    if found not in (np.float32, np.float64):
        raise TypeError(f"dtype must be float32 or float64, got {found}")
    return found


class Module:
    """Named parameters, their gradients, a mode, and the memory of the latest forward.

    A forward copies whatever its backward needs: weights, input and states may change in between,
    the module may be loaded, switched, copied or pickled, and `backward` still returns the gradient
    of the forward that was.

    Attributes
    ----------
    parameters : dict of str to ndarray
        The live arrays: an optimiser changes them in place.
    grads : dict of str to ndarray
        Gradients under the same keys; `backward` adds into them.
    training : bool
        The mode: `train` and `eval` set it.
    """

    def __init__(self) -> None:
        self.parameters: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True
        self._saved: Any = None

    def _register(self, parameters: Mapping[str, NDArray], dtype: Any) -> None:
        self.dtype = check_dtype(dtype)
        self.parameters = {
            name: value.astype(self.dtype, order="C") for name, value in parameters.items()
        }
        self.grads = {name: np.zeros_like(value) for name, value in self.parameters.items()}

    def _latest(self) -> Any:
        """What the latest forward saved; `backward` forgets it once its arguments are checked."""
        if self._saved is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs a forward that has not been differentiated "
                "yet: call the layer first, and backward once per call"
            )
        return self._saved

    def train(self, mode: bool = True) -> Any:
        """Switch to training (masks are drawn); returns the module itself."""
        self.training = bool(mode)
        return self

    def eval(self) -> Any:
        """Switch to evaluation (deterministic); returns the module itself."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set every gradient to 0, in place."""
        for gradient in self.grads.values():
            gradient[...] = 0

    def state_dict(self) -> dict[str, Array]:
        """A copy of every parameter, under torch.nn's keys."""
        return {name: value.copy() for name, value in self.parameters.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy values into the parameters, in the module's own precision.

        Parameters
        ----------
        state_dict
            Key -> array or tensor; exactly the module's keys and shapes, such as the
            ``state_dict()`` of the torch.nn layer.

        Raises
        ------
        RuntimeError
            As torch's: if keys are missing or unknown, or a shape differs.
        TypeError
            If a value holds no real numbers. In any case nothing has been changed.
        """
        missing = sorted(self.parameters.keys() - state_dict.keys())
        unknown = sorted(state_dict.keys() - self.parameters.keys())
        if missing or unknown:
            raise RuntimeError(
                f"state_dict must hold the keys of {type(self).__name__}: missing {missing}, "
                f"unknown {unknown}"
            )
        arrays = {name: as_array(name, value) for name, value in state_dict.items()}
        for name, value in arrays.items():
            expected = self.parameters[name].shape
            if value.shape != expected:
                raise RuntimeError(f"{name} must have shape {expected}, got {value.shape}")
            if value.dtype.kind not in "fiu":
                raise TypeError(f"{name} must hold real numbers, got {value.dtype}")
        for name, value in arrays.items():
            self.parameters[name][...] = value

    def _check_float(self, name: str, value: Any, error: type[Exception] = RuntimeError) -> NDArray:
        """Return `value` as an array of the module's dtype; anything else is an error, nothing is
        cast.
        """
        value = as_array(name, value)
        if value.dtype != self.dtype:
            hint = f"Convert it: {name}.astype({str(self.dtype)!r})"
            if value.dtype in (np.float32, np.float64):
                hint += f", or build the layer with dtype={str(value.dtype)!r}"
            raise error(
                f"{name} dtype ({value.dtype}) does not match weight dtype ({self.dtype}). {hint}"
            )
        return value

    def _check_gradient(self, name: str, value: Any, shape: tuple[int, ...]) -> NDArray:
        value = self._check_float(name, value)
        if value.shape != shape:
            raise RuntimeError(f"{name} must have shape {shape}, got {value.shape}")
        return value


class Linear(Module):
    """y = x W^T + b, as `torch.nn.Linear`.

    Parameters
    ----------
    in_features, out_features
        Sizes of the last axis of input and output.
    bias
        Whether there is a b.
    rng
        Seed or generator. Weights are uniform in +-1/sqrt(in_features), torch's own default.
    dtype
        float32 (default) or float64.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: Rng = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = check_dtype(dtype)
        self.in_features = check_size("in_features", in_features)
        self.out_features = check_size("out_features", out_features)
        shapes: dict[str, tuple[int, ...]] = {"weight": (out_features, in_features)}
        if bias:
            shapes["bias"] = (out_features,)
        self._register(initial_weights(spawn(rng)[0], shapes, in_features**-0.5), dtype)

    def __call__(self, x: ArrayLike) -> Array:
        """Map x (..., in_features) to (..., out_features)."""
        x = self._check_float("input", x)
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise RuntimeError(
                f"input.size(-1) must be equal to in_features. Expected {self.in_features}, got "
                f"{x.shape}"
            )
        x, weight = x.copy(), self.parameters["weight"].copy()
        self._saved = x, weight
        return x @ weight.T + self.parameters.get("bias", 0)

    def backward(self, d_output: Any) -> Array:
        """Add the gradients of weight and bias into `grads`; return the gradient of x (...,
        in_features).
        """
        x, weight = self._latest()
        shape = (*x.shape[:-1], self.out_features)
        d_output = self._check_gradient("d_output", d_output, shape)
        self._saved = None
        rows = np.reshape(d_output, (-1, self.out_features))
        self.grads["weight"] += rows.T @ x.reshape(-1, self.in_features)
        if "bias" in self.grads:
            self.grads["bias"] += rows.sum(axis=0)
        return d_output @ weight


class Embedding(Module):
    """One learned vector for each symbol, as `torch.nn.Embedding`.

    Parameters
    ----------
    num_embeddings, embedding_dim
        Number of symbols K, and length of a vector E.
    rng
        Seed or generator. Weights are standard normal, torch's own default.
    dtype
        float32 (default) or float64.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, rng: Rng = None, dtype: Any = None
    ) -> None:
        super().__init__()
        dtype = check_dtype(dtype)
        self.num_embeddings = check_size("num_embeddings", num_embeddings)
        self.embedding_dim = check_size("embedding_dim", embedding_dim)
        weight = spawn(rng)[0].standard_normal((num_embeddings, embedding_dim))
        self._register({"weight": weight}, dtype)

    def __call__(self, symbols: ArrayLike) -> Array:
        """Look up symbols (...), integers from 0 to K - 1; returns (..., E)."""
        index = as_array("symbols", symbols)
        if index.dtype.kind not in "iu":
            raise RuntimeError(f"symbols must be integers, got {index.dtype}")
        if index.size and (index.min() < 0 or index.max() >= self.num_embeddings):
            wrong = index.min() if index.min() < 0 else index.max()
            raise IndexError(
                f"index out of range: symbols must lie between 0 and {self.num_embeddings - 1}, "
                f"got {wrong}"
            )
        self._saved = index.copy()
        return self.parameters["weight"][index]

    def backward(self, d_output: Any) -> None:
        """Add the gradient of each symbol's vector into `grads`; symbols have no gradient of their
        own.
        """
        index = self._latest()
        shape = (*index.shape, self.embedding_dim)
        d_output = self._check_gradient("d_output", d_output, shape)
        self._saved = None
        np.add.at(self.grads["weight"], index, d_output)


class LayerNorm(Module):
    """Normalise over the last axis, then scale and shift, as `torch.nn.LayerNorm` (Ba et al. 2016,
    arXiv 1607.06450).

    Parameters
    ----------
    normalized_shape
        Size of the last axis.
    eps
        Added to the variance.
    dtype
        float32 (default) or float64.
    """

    def __init__(self, normalized_shape: int, eps: float = 1e-5, *, dtype: Any = None) -> None:
        super().__init__()
        self.normalized_shape = check_size("normalized_shape", normalized_shape)
        self.eps = eps
        size = (normalized_shape,)
        self._register({"weight": np.ones(size), "bias": np.zeros(size)}, dtype)

    def __call__(self, x: ArrayLike) -> Array:
        """Normalise x (..., normalized_shape)."""
        x = self._check_float("input", x)
        if x.ndim == 0 or x.shape[-1] != self.normalized_shape:
            raise RuntimeError(
                "input.size(-1) must be equal to normalized_shape. Expected "
                f"{self.normalized_shape}, got {x.shape}"
            )
        normal, inverse = normalise(x, eps=self.eps)
        weight = self.parameters["weight"].copy()
        self._saved = normal, inverse, weight
        return normal * weight + self.parameters["bias"]

    def backward(self, d_output: Any) -> Array:
        """Add the gradients of gain and shift into `grads`; return the gradient of x."""
        normal, inverse, weight = self._latest()
        d_output = self._check_gradient("d_output", d_output, normal.shape)
        self._saved = None
        axes = tuple(range(normal.ndim - 1))
        self.grads["weight"] += (d_output * normal).sum(axis=axes)
        self.grads["bias"] += np.asarray(d_output).sum(axis=axes)
        return normalise_gradient(d_output * weight, normal, inverse)


def normalise(x: Array, jointly: bool = False, eps: float = 1e-5) -> tuple[Array, Array]:
    """(x - mean) / sqrt(variance + eps), and 1 / sqrt(variance + eps).

    Over the last axis, or, `jointly`, over the first and the last: all gates of (gates, N, H).
    """
    size = x.shape[-1] * (len(x) if jointly else 1)
    normal = x - _sum(np.add.reduce(x, axis=-1), jointly) / size
    variance = _sum(np.vecdot(normal, normal), jointly) / size
    inverse = 1 / np.sqrt(variance + eps)
    normal *= inverse
    return normal, inverse


def normalise_gradient(
    d_normal: Array, normal: Array, inverse: Array, jointly: bool = False
) -> Array:
    """Gradient of `normalise` with respect to x, from what it returned."""
    size = normal.shape[-1] * (len(normal) if jointly else 1)
    along = _sum(np.vecdot(d_normal, normal), jointly) / size
    d_x = d_normal - _sum(np.add.reduce(d_normal, axis=-1), jointly) / size
    d_x -= normal * along
    d_x *= inverse
    return d_x


def _sum(sums: Array, jointly: bool) -> Array:
    """Sums over the last axis, with that axis put back; `jointly`, over the first one as well."""
    sums = sums[..., None]
    return np.add.reduce(sums, axis=0, keepdims=True) if jointly else sums
