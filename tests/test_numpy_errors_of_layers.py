"""Bad input of a layer (I = 3, H = 4, two layers, two directions, float32): nothing changes."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from rnn_book.numpy import GRU, LSTM, LSTMCell
from tests.bad_input import Row, raises_as_told, tensor, zeros
from tests.grids import build, data, parts, upstream

OPTIONS = {
    "num_layers": 2,
    "bidirectional": True,
    "dropout": 0.3,
    "recurrent_dropout": 0.3,
    "zoneout": 0.3,
    "weight_drop": 0.3,
}
TWINS = {
    "lstm": torch.nn.LSTM(3, 4, 2, bidirectional=True),
    "gru": torch.nn.GRU(3, 4, 2, bidirectional=True),
    "rnn_tanh": torch.nn.RNN(3, 4, 2, bidirectional=True),
}


def called(x, hx=None, **more):
    return lambda layer: layer(x, hx, **more)


def torchs(kind, x, hx=None):
    return lambda: TWINS[kind](x, hx)


X, H, X_T, H_T = zeros(5, 2, 3), zeros(4, 2, 4), tensor(5, 2, 3), tensor(4, 2, 4)
SHORT = zeros(3, 2, 4)
CALLS = {
    "features": (
        "lstm",
        Row(
            called(zeros(5, 2, 4)),
            RuntimeError,
            ("input", "Expected 3", "got 4"),
            torchs("lstm", tensor(5, 2, 4)),
        ),
    ),
    "features_unbatched": (
        "gru",
        Row(
            called(zeros(5, 4)),
            RuntimeError,
            ("input", "Expected 3", "got 4"),
            torchs("gru", tensor(5, 4)),
        ),
    ),
    "rank_1": (
        "lstm",
        Row(called(zeros(3)), ValueError, ("input", "2D or 3D", "1D"), torchs("lstm", tensor(3))),
    ),
    "rank_4": (
        "gru",
        Row(
            called(zeros(1, 5, 2, 3)),
            ValueError,
            ("input", "2D or 3D", "4D"),
            torchs("gru", tensor(1, 5, 2, 3)),
        ),
    ),
    "rank_0": ("rnn_tanh", Row(called(np.float32(1)), ValueError, ("input", "2D or 3D", "0D"))),
    "dtype_64": (
        "lstm",
        Row(
            called(zeros(5, 2, 3, dtype=np.float64)),
            ValueError,
            ("input", "float32", "float64"),
            torchs("lstm", tensor(5, 2, 3, dtype=torch.float64)),
        ),
    ),
    "dtype_int": (
        "rnn_tanh",
        Row(
            called(zeros(5, 2, 3, dtype=int)),
            ValueError,
            ("input", "float32", "int64"),
            torchs("rnn_tanh", tensor(5, 2, 3, dtype=torch.int64)),
        ),
    ),
    "list": ("gru", Row(called([[[0.0] * 3]]), ValueError, ("input", "float32", "float64"))),
    "complex": (
        "gru",
        Row(called(zeros(5, 2, 3, dtype=complex)), ValueError, ("input", "float32", "complex")),
    ),
    "no_steps": (
        "lstm",
        Row(
            called(zeros(0, 2, 3)),
            RuntimeError,
            ("sequence length", "larger than 0"),
            torchs("lstm", tensor(0, 2, 3)),
        ),
    ),
    "no_steps_unbatched": (
        "gru",
        Row(
            called(zeros(0, 3)),
            RuntimeError,
            ("sequence length", "larger than 0"),
            torchs("gru", tensor(0, 3)),
        ),
    ),
    "hx_batch": (
        "gru",
        Row(
            called(X, zeros(4, 1, 4)),
            RuntimeError,
            ("hx", r"\(4, 2, 4\)", r"\[4, 1, 4\]"),
            torchs("gru", X_T, tensor(4, 1, 4)),
        ),
    ),
    "hx_layers": (
        "rnn_tanh",
        Row(
            called(X, zeros(1, 2, 4)),
            RuntimeError,
            ("hx", r"\(4, 2, 4\)", r"\[1, 2, 4\]"),
            torchs("rnn_tanh", X_T, tensor(1, 2, 4)),
        ),
    ),
    "hx_hidden": (
        "lstm",
        Row(
            called(X, (zeros(4, 2, 1), H)),
            RuntimeError,
            (r"hx\[0\]", r"\(4, 2, 4\)", r"\[4, 2, 1\]"),
            torchs("lstm", X_T, (tensor(4, 2, 1), H_T)),
        ),
    ),
    "hx_c": (
        "lstm",
        Row(
            called(X, (H, zeros(4, 1, 4))),
            RuntimeError,
            (r"hx\[1\]", r"\(4, 2, 4\)", r"\[4, 1, 4\]"),
            torchs("lstm", X_T, (H_T, tensor(4, 1, 4))),
        ),
    ),
    "hx_rank": (
        "gru",
        Row(
            called(X, zeros(2, 4)),
            RuntimeError,
            ("hx", r"\(4, 2, 4\)", r"\[2, 4\]"),
            torchs("gru", X_T, tensor(2, 4)),
        ),
    ),
    "hx_rank_unbatched": (
        "gru",
        Row(
            called(zeros(5, 3), zeros(4, 1, 4)),
            RuntimeError,
            ("hx", r"\(4, 4\)", r"\[4, 1, 4\]"),
            torchs("gru", tensor(5, 3), tensor(4, 1, 4)),
        ),
    ),
    "hx_scalar": ("gru", Row(called(X, np.float32(0)), RuntimeError, ("hx", r"\(4, 2, 4\)"))),
    "hx_dtype": (
        "gru",
        Row(
            called(X, zeros(4, 2, 4, dtype=np.float64)),
            RuntimeError,
            ("hx", "float32", "float64"),
            torchs("gru", X_T, tensor(4, 2, 4, dtype=torch.float64)),
        ),
    ),
    "hx_dtype_c": (
        "lstm",
        Row(
            called(X, (H, zeros(4, 2, 4, dtype=np.float64))),
            RuntimeError,
            ("hx", "float32", "float64"),
            torchs("lstm", X_T, (H_T, tensor(4, 2, 4, dtype=torch.float64))),
        ),
    ),
    "hx_alone": ("lstm", Row(called(X, H), TypeError, ("hx", r"tuple.*h, c", "ndarray"))),
    "hx_one_of_two": ("lstm", Row(called(X, (H,)), TypeError, ("hx", r"tuple.*h, c", "1"))),
    "hx_three": ("lstm", Row(called(X, (H, H, H)), TypeError, ("hx", r"tuple.*h, c", "3"))),
    "hx_pair": ("gru", Row(called(X, (H, H)), TypeError, ("hx", "one array", "tuple"))),
    "hx_list": ("rnn_tanh", Row(called(X, [H]), TypeError, ("hx", "one array", "list"))),
    "hx_text": ("gru", Row(called(X, "zeros"), TypeError, ("hx", "array", "str"))),
    "hx_dict": ("gru", Row(called(X, {"h": H}), TypeError, ("hx", "array", "dict"))),
    "hx_objects": ("lstm", Row(called(X, (H, [None])), TypeError, ("hx", "array", "list"))),
    "lengths_float": (
        "lstm",
        Row(called(X, lengths=[5.0, 2.0]), ValueError, ("lengths", "integers", "float64")),
    ),
    "lengths_bool": (
        "lstm",
        Row(called(X, lengths=np.array([True, True])), ValueError, ("lengths", "integers", "bool")),
    ),
    "lengths_text": (
        "gru",
        Row(called(X, lengths=["5", "2"]), ValueError, ("lengths", "integers", "U1")),
    ),
    "lengths_negative": (
        "lstm",
        Row(called(X, lengths=[5, -1]), ValueError, ("lengths", "between 0 .* 5", r"\[5, -1\]")),
    ),
    "lengths_above": (
        "gru",
        Row(called(X, lengths=[6, 1]), ValueError, ("lengths", "between 0 .* 5", r"\[6, 1\]")),
    ),
    "lengths_huge": (
        "gru",
        Row(called(X, lengths=np.array([2**64 - 1, 1], np.uint64)), ValueError, ("lengths", "5")),
    ),
    "lengths_count": (
        "lstm",
        Row(called(X, lengths=[5]), ValueError, ("lengths", r"\(2,\)", r"\(1,\)")),
    ),
    "lengths_scalar": (
        "gru",
        Row(called(X, lengths=5), ValueError, ("lengths", r"\(2,\)", r"\(\)")),
    ),
    "lengths_rank": (
        "gru",
        Row(called(X, lengths=[[5, 5]]), ValueError, ("lengths", r"\(2,\)", r"\(1, 2\)")),
    ),
    "lengths_unbatched": (
        "lstm",
        Row(called(zeros(5, 3), lengths=[5]), ValueError, ("lengths", "3D", "2D")),
    ),
    "lengths_by_position": ("lstm", Row(lambda layer: layer(X, None, [5, 2]), TypeError, ("3|4",))),
    "d_output_shape": (
        "lstm",
        Row(
            lambda layer: layer.backward(zeros(5, 2, 4)),
            RuntimeError,
            ("d_output", r"\(5, 2, 8\)", r"\(5, 2, 4\)"),
            lambda: TWINS["lstm"](X_T)[0].backward(tensor(5, 2, 4)),
        ),
    ),
    "d_output_broadcast": (
        "gru",
        Row(
            lambda layer: layer.backward(zeros(1, 2, 8)),
            RuntimeError,
            ("d_output", r"\(5, 2, 8\)", r"\(1, 2, 8\)"),
        ),
    ),
    "d_output_dtype": (
        "gru",
        Row(
            lambda layer: layer.backward(zeros(5, 2, 8, dtype=np.float64)),
            RuntimeError,
            ("d_output", "float32", "float64"),
        ),
    ),
    "d_state_kind": (
        "lstm",
        Row(lambda layer: layer.backward(None, H), TypeError, ("d_state", r"tuple.*h, c")),
    ),
    "d_state_kind_gru": (
        "gru",
        Row(lambda layer: layer.backward(None, (H, H)), TypeError, ("d_state", "one array")),
    ),
    "d_state_shape": (
        "lstm",
        Row(
            lambda layer: layer.backward(None, (None, zeros(4, 1, 4))),
            RuntimeError,
            (r"d_state\[1\]", r"\(4, 2, 4\)", r"\[4, 1, 4\]"),
        ),
    ),
    "d_state_dtype": (
        "gru",
        Row(
            lambda layer: layer.backward(None, zeros(4, 2, 4, dtype=np.float64)),
            RuntimeError,
            ("d_state", "float32", "float64"),
        ),
    ),
}


def snapshot(layer):
    arrays = {f"parameter {k}": v.copy() for k, v in layer.parameters.items()}
    arrays |= {f"gradient {k}": v.copy() for k, v in layer.grads.items()}
    for suffix, masks in layer.last_masks.items():
        arrays |= {f"mask {suffix} {k}": v.copy() for k, v in masks.items()}
    return arrays, layer._mask_rng.bit_generator.state, layer.training


@pytest.mark.parametrize("name", CALLS)
def test_bad_input_of_a_layer_is_named_and_changes_nothing(name):
    kind, row = CALLS[name]
    layer, twin = (build(kind, dtype=np.float32, **OPTIONS) for _ in range(2))
    answers = []
    for one in (layer, twin):
        x, hx = data(one, 5, 2)
        one.backward(*upstream(*one(x, hx)))  # gradients that could get lost
        output, state = one(x, hx, lengths=[5, 3])
        gradients = upstream(output, state)
        if one is layer:
            before = snapshot(layer)
            raises_as_told(row, layer)
            after = snapshot(layer)
            assert before[1:] == after[1:]
            assert before[0].keys() == after[0].keys()
            for key, value in before[0].items():
                assert_array_equal(after[0][key], value, err_msg=key)
        # The latest good forward can still be differentiated.
        d_x, d_hx = one.backward(*gradients)
        answers.append([d_x, *parts(d_hx), *one.grads.values()])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("layer", [LSTM(3, 4, rng=0), GRU(3, 4, rng=0), LSTMCell(3, 4, rng=0)])
def test_backward_needs_a_forward_and_works_once_for_each(layer):
    row = Row(
        lambda: layer.backward(None), RuntimeError, (type(layer).__name__, "backward", "forward")
    )
    raises_as_told(row)
    layer(zeros(1, 3) if isinstance(layer, LSTMCell) else zeros(2, 1, 3))
    layer.backward(None)
    raises_as_told(row)
