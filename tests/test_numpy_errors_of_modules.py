"""Bad input of single cells, other modules, losses and optimisers."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from rnn_book.numpy import (
    SGD,
    Adam,
    Dropout,
    Embedding,
    GRUCell,
    LayerNorm,
    Linear,
    LockedDropout,
    LSTMCell,
    RNNCell,
    clip_grad_norm,
    cross_entropy,
    cross_entropy_gradient,
    mean_squared_error,
    mean_squared_error_gradient,
)
from tests.bad_input import Row, raises_as_told, tensor, zeros
from tests.grids import parts

CELL_TWINS = {
    LSTMCell: torch.nn.LSTMCell(3, 4),
    GRUCell: torch.nn.GRUCell(3, 4),
    RNNCell: torch.nn.RNNCell(3, 4),
}
S, S_T = zeros(2, 4), tensor(2, 4)


def cell_row(cell, x, state, error, words, theirs=None):
    """The arguments of torch are those of the call, or None where torch has no such error."""
    torch_call = None if theirs is None else lambda: CELL_TWINS[cell](*theirs)
    return Row(lambda: cell(3, 4, rng=0)(x, state), error, words, torch_call)


MODULES = {
    "cell_rank": cell_row(
        LSTMCell,
        zeros(1, 2, 3),
        None,
        ValueError,
        ("input", "1D or 2D", "3D"),
        (tensor(1, 2, 3),),
    ),
    "cell_rank_0": cell_row(
        GRUCell, zeros(), None, ValueError, ("input", "1D or 2D", "0D"), (tensor(),)
    ),
    "cell_features": cell_row(
        RNNCell,
        zeros(2, 5),
        None,
        RuntimeError,
        ("input", "got 5", "expected 3"),
        (tensor(2, 5),),
    ),
    "cell_dtype": cell_row(
        GRUCell,
        zeros(2, 3, dtype=np.float64),
        None,
        RuntimeError,
        ("input", "float32", "float64"),
        (tensor(2, 3, dtype=torch.float64),),
    ),
    "cell_hx_batch": cell_row(
        GRUCell,
        zeros(2, 3),
        zeros(1, 4),
        RuntimeError,
        ("hx", r"\(2, 4\)", r"\[1, 4\]"),
        (tensor(2, 3), tensor(1, 4)),
    ),
    "cell_hx_hidden": cell_row(
        LSTMCell,
        zeros(2, 3),
        (zeros(2, 5), S),
        RuntimeError,
        (r"hx\[0\]", r"\(2, 4\)", r"\[2, 5\]"),
        (tensor(2, 3), (tensor(2, 5), S_T)),
    ),
    "cell_hx_rank": cell_row(
        RNNCell,
        zeros(2, 3),
        zeros(1, 2, 4),
        ValueError,
        ("hx", r"\(2, 4\)", r"\[1, 2, 4\]"),
        (tensor(2, 3), tensor(1, 2, 4)),
    ),
    "cell_hx_dtype": cell_row(
        LSTMCell,
        zeros(2, 3),
        (zeros(2, 4, dtype=np.float64), S),
        RuntimeError,
        ("hx", "float32", "float64"),
        (tensor(2, 3), (tensor(2, 4, dtype=torch.float64), S_T)),
    ),
    "cell_hx_alone": cell_row(
        LSTMCell, zeros(2, 3), S, TypeError, ("hx", "tuple.*h, c"), (tensor(2, 3), S_T)
    ),
    "cell_hx_pair": cell_row(GRUCell, zeros(2, 3), (S, S), TypeError, ("hx", "one array", "tuple")),
    "linear_features": Row(
        lambda: Linear(3, 4, rng=0)(zeros(2, 5)),
        RuntimeError,
        ("input", "Expected 3", "got.*5"),
        lambda: torch.nn.Linear(3, 4)(tensor(2, 5)),
    ),
    "linear_rank_0": Row(
        lambda: Linear(3, 4, rng=0)(zeros()),
        RuntimeError,
        ("input", "Expected 3"),
        lambda: torch.nn.Linear(3, 4)(tensor()),
    ),
    "linear_dtype": Row(
        lambda: Linear(3, 4, rng=0)(zeros(2, 3, dtype=np.float64)),
        RuntimeError,
        ("input", "float32", "float64"),
        lambda: torch.nn.Linear(3, 4)(tensor(2, 3, dtype=torch.float64)),
    ),
    "embedding_float": Row(
        lambda: Embedding(3, 4, rng=0)(zeros(2)),
        RuntimeError,
        ("symbols", "integers", "float32"),
        lambda: torch.nn.Embedding(3, 4)(tensor(2)),
    ),
    "embedding_bool": Row(
        lambda: Embedding(3, 4, rng=0)(np.array([True])),
        RuntimeError,
        ("symbols", "integers", "bool"),
        lambda: torch.nn.Embedding(3, 4)(torch.tensor([True])),
    ),
    "embedding_high": Row(
        lambda: Embedding(3, 4, rng=0)([0, 3]),
        IndexError,
        ("symbols", "0 and 2", "3"),
        lambda: torch.nn.Embedding(3, 4)(torch.tensor([0, 3])),
    ),
    "embedding_negative": Row(
        lambda: Embedding(3, 4, rng=0)([0, -1]),
        IndexError,
        ("symbols", "0 and 2", "-1"),
        lambda: torch.nn.Embedding(3, 4)(torch.tensor([0, -1])),
    ),
    "layer_norm_features": Row(
        lambda: LayerNorm(3)(zeros(2, 1)),
        RuntimeError,
        ("input", "Expected 3", "got.*1"),
        lambda: torch.nn.LayerNorm(3)(tensor(2, 1)),
    ),
    "layer_norm_dtype": Row(
        lambda: LayerNorm(3)(zeros(2, 3, dtype=np.float64)),
        RuntimeError,
        ("input", "float32", "float64"),
        lambda: torch.nn.LayerNorm(3)(tensor(2, 3, dtype=torch.float64)),
    ),
    "dropout_int": Row(
        lambda: Dropout(0.5, rng=0)(zeros(2, dtype=int)),
        RuntimeError,
        ("input", "float32", "int64"),
        lambda: torch.nn.Dropout(0.5)(tensor(2, dtype=torch.int64)),
    ),
    "locked_dropout_rank": Row(
        lambda: LockedDropout(0.5, rng=0)(zeros(2, 3)),
        ValueError,
        ("LockedDropout", "input", "3D", "2D"),
    ),
    "cross_entropy_high": Row(
        lambda: cross_entropy(zeros(2, 3), [0, 3]), ValueError, ("targets", "0 and 2", "3")
    ),
    "cross_entropy_negative": Row(
        lambda: cross_entropy_gradient(zeros(2, 3), [0, -1]),
        ValueError,
        ("targets", "0 and 2", "-1"),
    ),
    "cross_entropy_float": Row(
        lambda: cross_entropy(zeros(2, 3), [0.0, 1.0]),
        ValueError,
        ("targets", "integers", "float64"),
    ),
    "cross_entropy_shape": Row(
        lambda: cross_entropy(zeros(2, 3), [0]),
        ValueError,
        ("targets", r"\(2,\)", r"\(1,\)"),
        lambda: torch.nn.functional.cross_entropy(tensor(2, 3), torch.tensor([0])),
    ),
    "cross_entropy_mask": Row(
        lambda: cross_entropy(zeros(2, 3), [0, 1], [1, 0]), ValueError, ("mask", "bool", "int64")
    ),
    "cross_entropy_mask_shape": Row(
        lambda: cross_entropy(zeros(2, 3), [0, 1], [True]),
        ValueError,
        ("mask", r"\(2,\)", r"\(1,\)"),
    ),
    "cross_entropy_nothing": Row(
        lambda: cross_entropy(zeros(2, 3), [0, 1], [False, False]),
        ValueError,
        ("mask", "at least one", "none"),
    ),
    "mean_squared_error_shape": Row(
        lambda: mean_squared_error(zeros(2, 3), zeros(2, 1)),
        ValueError,
        ("target", r"\(2, 3\)", r"\(2, 1\)"),
    ),
    "mean_squared_error_mask": Row(
        lambda: mean_squared_error_gradient(zeros(2), zeros(2), [True]),
        ValueError,
        ("mask", r"\(2,\)", r"\(1,\)"),
    ),
    "lr": Row(
        lambda: Adam(Linear(3, 4), -1.0),
        ValueError,
        ("lr", "0", r"-1\.0"),
        lambda: torch.optim.Adam([torch.zeros(1)], -1.0),
    ),
    "lr_sgd": Row(
        lambda: SGD(Linear(3, 4), np.nan),
        ValueError,
        ("lr", "0", "nan"),
    ),
    "betas": Row(
        lambda: Adam(Linear(3, 4), betas=(0.9, 1.0)),
        ValueError,
        (r"betas\[1\]", "0, 1", r"1\.0"),
        lambda: torch.optim.Adam([torch.zeros(1)], betas=(0.9, 1.0)),
    ),
    "eps": Row(
        lambda: Adam(Linear(3, 4), eps=-1.0),
        ValueError,
        ("eps", "0", r"-1\.0"),
        lambda: torch.optim.Adam([torch.zeros(1)], eps=-1.0),
    ),
    "momentum": Row(
        lambda: SGD(Linear(3, 4), 0.1, momentum=-0.5),
        ValueError,
        ("momentum", "0", r"-0\.5"),
        lambda: torch.optim.SGD([torch.zeros(1)], 0.1, momentum=-0.5),
    ),
    "modules": Row(
        lambda: Adam(Linear(3, 4).parameters), TypeError, ("modules", "rnn_book.numpy", "weight")
    ),
    "max_norm": Row(
        lambda: clip_grad_norm(Linear(3, 4), -1.0), ValueError, ("max_norm", "0", r"-1\.0")
    ),
    "max_norm_nan": Row(
        lambda: clip_grad_norm(Linear(3, 4), np.nan), ValueError, ("max_norm", "0", "nan")
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_bad_input_of_a_module_is_named(name):
    raises_as_told(MODULES[name])


GOOD = {
    "lstm_cell": (lambda: LSTMCell(3, 4, rng=0), zeros(2, 3) + 1, zeros(2, 5)),
    "linear": (lambda: Linear(3, 4, rng=0), zeros(2, 3) + 1, zeros(2, 5)),
    "embedding": (lambda: Embedding(3, 4, rng=0), np.array([1, 2]), np.array([1, 3])),
    "layer_norm": (lambda: LayerNorm(3), zeros(2, 3) + 1, zeros(2, 5)),
    "dropout": (lambda: Dropout(0.5, rng=0), zeros(2, 3) + 1, zeros(2, dtype=int)),
    "locked_dropout": (lambda: LockedDropout(0.5, rng=0), zeros(2, 1, 3) + 1, zeros(2, 3)),
}


@pytest.mark.parametrize("name", GOOD)
def test_bad_input_of_a_module_changes_nothing(name):
    make, good, bad = GOOD[name]
    answers = []
    for wrong in (False, True):
        module = make()
        result = module(good)
        mask = getattr(module, "last_mask", None)
        d = tuple(np.ones_like(a) for a in parts(result))
        d = d if len(d) > 1 else d[0]
        if wrong:
            with pytest.raises((RuntimeError, IndexError, ValueError)):
                module(bad)
            for wrong_d in (zeros(7), np.zeros(parts(d)[0].shape)):
                with pytest.raises((RuntimeError, TypeError)):
                    module.backward(wrong_d if len(parts(d)) == 1 else (wrong_d, wrong_d))
            assert getattr(module, "last_mask", None) is mask
        d_x = module.backward(d)
        answers.append([*module.grads.values(), *module.parameters.values()])
        if name != "embedding":
            answers[-1] += [d_x] if isinstance(d_x, np.ndarray) else [d_x[0], *d_x[1]]
        if mask is not None:
            module(good)
            answers[-1].append(module.last_mask)
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)
