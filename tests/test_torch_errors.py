"""Bad input of the PyTorch half: torch's own errors where torch has good ones, else better ones."""

import copy
import re

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

import rnn_book.torch as half
from tests.torch_twins import initial

# Layers (I = 3, H = 4, two layers, two directions), by the way that a call takes.
WAYS = {
    "plain": {},
    "fast": {"zoneout": 0.2},
    "masked": {"weight_drop": 0.3},
    "lengths": {},
}
NAMES = ["lstm", "gru", "rnn_tanh"]
TWINS = {
    "lstm": torch.nn.LSTM(3, 4, 2, bidirectional=True),
    "gru": torch.nn.GRU(3, 4, 2, bidirectional=True),
    "rnn_tanh": torch.nn.RNN(3, 4, 2, bidirectional=True),
}


def zeros(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


def states(name, value):
    return (value, value) if name == "lstm" else value


def call(layer, way, x, hx=None):
    more = {"lengths": [2, 2]} if way == "lengths" else {}
    return layer(x, hx, **more)


# What is wrong: x, hx (one state of it), the error, and whether torch.nn raises it in these words.
BOTH = {
    "features": (zeros(5, 2, 4), None, RuntimeError, "Expected 3, got 4", True),
    "rank_1": (zeros(3), None, ValueError, "input to be 2D or 3D, got 1D", True),
    "rank_4": (zeros(1, 5, 2, 3), None, ValueError, "input to be 2D or 3D, got 4D", True),
    "dtype": (zeros(5, 2, 3).double(), None, ValueError, "does not match weight dtype", True),
    "integers": (zeros(5, 2, 3).long(), None, ValueError, "does not match weight dtype", True),
    "no_steps": (zeros(0, 2, 3), None, RuntimeError, "Expected sequence length to be larger", True),
    "hx_batch": (zeros(5, 2, 3), zeros(4, 1, 4), RuntimeError, r"Expected hidden.* size", True),
    "hx_layers": (zeros(5, 2, 3), zeros(1, 2, 4), RuntimeError, r"Expected hidden.* size", True),
    "hx_rank": (zeros(5, 2, 3), zeros(2, 4), RuntimeError, "should also be 3-D", True),
    "hx_dtype": (
        zeros(5, 2, 3),
        zeros(4, 2, 4).double(),
        RuntimeError,
        r"hx.* dtype \(torch.float64\) does not match weight dtype \(torch.float32\)",
        False,
    ),
    "a_list": ([[[0.0] * 3]], None, TypeError, "input to be a Tensor, got list", False),
    "an_array": (np.zeros((5, 2, 3)), None, TypeError, "input to be a Tensor, got ndarray", False),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", BOTH)
def test_bad_input_raises_in_torchs_words_and_changes_nothing(name, way, wrong):
    x, hx, error, words, is_torchs = BOTH[wrong]
    hx = None if hx is None else states(name, hx)
    layer = initial(name, dtype=None, num_layers=2, bidirectional=True, **WAYS[way])
    masks = copy.deepcopy(layer._mask_rng.bit_generator.state)
    if not isinstance(x, torch.Tensor) or x.dim() in (2, 3):
        raised = (lambda: call(layer, way, x, hx),)
    else:
        raised = (lambda: layer(x, hx),)
    if is_torchs:
        raised += (lambda: TWINS[name](x, hx),)
    for one in raised:
        with pytest.raises(error) as caught:
            one()
        assert type(caught.value) is error
        assert re.search(words, str(caught.value))
    assert layer._mask_rng.bit_generator.state == masks


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_kind_of_state_is_a_type_error_that_names_hx(way):
    h = zeros(4, 2, 4)
    wrong = {
        "lstm": (h, (h,), (h, h, h), (h, None), "hx", {"h": h}),
        "gru": ((h,), (h, h), [h], np.zeros((4, 2, 4)), "hx"),
    }
    for name, values in wrong.items():
        layer = initial(name, dtype=None, num_layers=2, bidirectional=True, **WAYS[way])
        for hx in values:
            with pytest.raises(TypeError, match="hx must be"):
                call(layer, way, zeros(5, 2, 3), hx)


LENGTHS = {
    "float": ([5.0, 2.0], "integers"),
    "float_tensor": (torch.tensor([5.0, 2.0]), "integers"),
    "bool": (torch.tensor([True, True]), "integers"),
    "negative": ([5, -1], "between 0 and the number of steps, 5"),
    "above": (torch.tensor([6, 1]), "between 0 and the number of steps, 5"),
    "count": ([5], r"shape \(2,\), got shape \(1,\)"),
    "number": (5, r"shape \(2,\), got shape \(\)"),
}


@pytest.mark.parametrize("wrong", LENGTHS)
@pytest.mark.parametrize("options", [{}, {"zoneout": 0.2}], ids=["plain", "fast"])
def test_wrong_lengths_are_a_value_error(wrong, options):
    lengths, words = LENGTHS[wrong]
    with pytest.raises(ValueError, match=words):
        half.GRU(3, 4, rng=0, **options)(zeros(5, 2, 3), lengths=lengths)


@pytest.mark.parametrize("options", [{}, {"zoneout": 0.2}], ids=["plain", "fast"])
def test_lengths_exclude_a_packed_sequence_and_one_sequence(options):
    layer = half.GRU(3, 4, rng=0, **options)
    packed = pack_padded_sequence(zeros(5, 2, 3), [5, 2])
    with pytest.raises(ValueError, match="lengths and a PackedSequence exclude each other"):
        layer(packed, lengths=[5, 2])
    with pytest.raises(ValueError, match="lengths are for a batch"):
        layer(zeros(5, 3), lengths=[5])
    with pytest.raises(TypeError, match="positional"):
        layer(zeros(5, 2, 3), None, [5, 2])


@pytest.mark.parametrize("options", [{}, {"zoneout": 0.2}], ids=["plain", "fast"])
def test_a_packed_sequence_is_checked_too(options):
    layer = half.GRU(3, 4, rng=0, **options)
    packed = pack_padded_sequence(zeros(5, 2, 3), [5, 2])
    with pytest.raises(RuntimeError, match="Expected hidden size"):
        layer(packed, zeros(1, 3, 4))
    with pytest.raises(RuntimeError, match="Expected 3, got 2"):
        layer(packed._replace(data=zeros(7, 2)))
    with pytest.raises(ValueError, match="dtype"):
        layer(packed._replace(data=zeros(7, 3).double()))


CONSTRUCTORS = {
    "proj_size": (half.LSTM, {"proj_size": 2}, NotImplementedError, "proj_size is not offered"),
    "proj_size_any": (half.PeepholeLSTM, {"proj_size": 2}, NotImplementedError, "proj_size"),
    "probability": (half.LSTM, {"zoneout": 1.5}, ValueError, "zoneout must be a probability"),
    "nan": (half.GRU, {"weight_drop": float("nan")}, ValueError, "weight_drop must be"),
    "dropout": (half.RNN, {"dropout": -0.1}, ValueError, "dropout must be a probability"),
    "where": (half.GRU, {"recurrent_dropout_on": "h"}, ValueError, "'state' or 'update'"),
    "no_candidate": (half.RNN, {"recurrent_dropout_on": "update"}, ValueError, "candidate"),
    "pair": (half.GRU, {"zoneout": (0.1, 0.2)}, ValueError, "only state is h"),
    "no_forget_gate": (half.GRU, {"forget_bias": 1.0}, ValueError, "forget gate"),
    "no_bias": (half.LSTM, {"forget_bias": 1.0, "bias": False}, ValueError, "bias=False"),
    "rng": (half.LSTM, {"rng": "0"}, TypeError, "rng must be"),
    "dtype": (half.LSTM, {"dtype": "float"}, None, ""),
    "no_dtype": (half.LSTM, {"dtype": "LSTM"}, TypeError, "dtype must be"),
    "integers": (half.LSTM, {"dtype": torch.int64}, TypeError, "dtype must be"),
    "layers": (half.LSTM, {"num_layers": 0}, ValueError, "num_layers must be greater than zero"),
    "nonlinearity": (half.RNN, {"nonlinearity": "sin"}, ValueError, "Unknown nonlinearity 'sin'"),
    "unknown": (half.LSTM, {"zonout": 0.1}, TypeError, "zonout"),
}


@pytest.mark.parametrize("wrong", CONSTRUCTORS)
def test_a_constructor_says_what_is_wrong_before_anything_is_drawn(wrong):
    layer, options, error, words = CONSTRUCTORS[wrong]
    shared = np.random.default_rng(0)
    if error is None:
        layer(3, 4, **options)
        return
    with pytest.raises(error, match=words):
        layer(3, 4, **{"rng": shared, **options})
    assert shared.bit_generator.seed_seq.n_children_spawned == 0


@pytest.mark.parametrize("sizes", [(0, 4), (3, -1), (3.0, 4), (3, True), ("3", 4)], ids=str)
@pytest.mark.parametrize("name", ["LSTM", "GRUCell", "LayerNormRNN"])
def test_wrong_sizes_are_refused(sizes, name):
    with pytest.raises((TypeError, ValueError), match=r"input_size|hidden_size"):
        getattr(half, name)(*sizes)


CELLS = {
    "features": (zeros(2, 4), None, RuntimeError, "input has inconsistent input_size: got 4"),
    "rank": (zeros(5, 2, 3), None, ValueError, "Expected input to be 1D or 2D, got 3D instead"),
    "dtype": (zeros(2, 3).double(), None, RuntimeError, "dtype"),
    "hx_hidden": (zeros(2, 3), zeros(2, 5), RuntimeError, "got|size"),
    "hx_batch": (zeros(2, 3), zeros(1, 4), RuntimeError, "batch size|size"),
    "hx_rank": (zeros(2, 3), zeros(1, 2, 4), ValueError, "Expected h.* to be"),
    "hx_dtype": (zeros(2, 3), zeros(2, 4).double(), RuntimeError, "hx dtype"),
}


@pytest.mark.parametrize("wrong", CELLS)
@pytest.mark.parametrize("reset_after", [True, False])
def test_bad_input_of_a_cell_has_torchs_types(wrong, reset_after):
    x, hx, error, words = CELLS[wrong]
    cell = half.GRUCell(3, 4, reset_after=reset_after)
    with pytest.raises(error, match=words) as caught:
        cell(x, hx)
    with pytest.raises(error) as torchs:
        torch.nn.GRUCell(3, 4)(x, hx)
    assert type(caught.value) is type(torchs.value)


def test_a_wrong_kind_of_state_of_a_cell_is_a_type_error():
    with pytest.raises(TypeError, match="hx must be a tuple of the states"):
        half.LSTMCell(3, 4)(zeros(2, 3), zeros(2, 4))
    with pytest.raises(TypeError, match="hx must be one Tensor"):
        half.GRUCell(3, 4)(zeros(2, 3), (zeros(2, 4),))
    with pytest.raises(TypeError, match="input to be a Tensor"):
        half.GRUCell(3, 4)(np.zeros((2, 3)))


def test_a_cell_that_is_none_is_refused():
    with pytest.raises(TypeError, match="has no gates"):
        half.Recurrent(torch.nn.Identity(), 3, 4)
    with pytest.raises(NotImplementedError, match="Cell has no step"):
        half.Recurrent(half.Cell, 3, 4)(zeros(5, 2, 3))
