"""The options that all layers share, and the checks of arguments, apart from any layer."""

import importlib
import inspect
import pydoc
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

import rnn_book.numpy
import rnn_book.torch
from rnn_book.checks import check_lengths, check_probability, check_size
from rnn_book.numpy import GRU, LSTM, RNN, Recurrent
from rnn_book.numpy.gru import GRUStep
from rnn_book.numpy.lstm import LSTMStep
from rnn_book.options import check_forget_bias, regularisers

LSTM_LIKE = LSTMStep()
GRU_LIKE = GRUStep()
CELLS = {
    "rnn:RNNStep": False,
    "lstm:LSTMStep": True,
    "gru:GRUStep": True,
    "gru:GRUResetBeforeStep": True,
    "variants:PeepholeLSTMStep": True,
    "variants:CoupledLSTMStep": True,
    "variants:NoForgetGateLSTMStep": True,
    "variants:LayerNormRNNStep": False,
    "variants:LayerNormLSTMStep": True,
    "variants:LayerNormGRUStep": True,
}


def found(cell=LSTM_LIKE, layers=2, **given):
    options = {
        "recurrent_dropout": 0,
        "recurrent_dropout_on": "state",
        "zoneout": 0,
        "weight_drop": 0,
        "proj_size": 0,
        **given,
    }
    return regularisers(cell, layers, options.pop("dropout", 0), options)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.25), np.int64(1), np.float64(0)])
def test_a_probability_is_a_number_from_0_to_1(value):
    assert check_probability("p", value) == value
    assert type(check_probability("p", value)) is float


@pytest.mark.parametrize("value", [-1e-9, 1 + 1e-9, np.nan, np.inf, True, None, "0.5", 1j, [0.5]])
def test_anything_else_is_no_probability(value):
    with pytest.raises(ValueError, match="share must be a probability, a number from 0 to 1, got"):
        check_probability("share", value)


@pytest.mark.parametrize("value", [1, 7, np.int32(7)])
def test_a_size_is_a_positive_integer(value):
    assert check_size("size", value) == value
    assert type(check_size("size", value)) is int


@pytest.mark.parametrize(
    "value, error", [(0, ValueError), (-3, ValueError), (1.0, TypeError), (True, TypeError)]
)
def test_anything_else_is_no_size(value, error):
    with pytest.raises(error, match="hidden_size"):
        check_size("hidden_size", value)


@pytest.mark.parametrize(
    "lengths",
    [[3, 0, 5], (3, 0, 5), np.array([3, 0, 5], np.int8), torch.tensor([3, 0, 5])],
    ids=["list", "tuple", "array", "tensor"],
)
def test_lengths_are_integers_of_any_kind(lengths):
    checked = check_lengths(lengths, 3, 5)
    assert_array_equal(checked, [3, 0, 5])
    assert checked.dtype == np.int64


def test_lengths_of_no_sequence_are_empty():
    for lengths in ([], (), np.zeros(0, int)):
        assert check_lengths(lengths, 0, 5).shape == (0,)


@pytest.mark.parametrize(
    "lengths",
    [
        [3.0, 1.0, 2.0],
        [3, -1, 2],
        [3, 6, 2],
        [3, 2],
        [[3, 2, 1]],
        3,
        [True, True, False],
        ["a", "b", "c"],
        torch.tensor([1.0, 2.0, 3.0]),
        np.zeros(0),
        [None, None, None],
        [2**70, 1, 1],
    ],
    ids=str,
)
def test_other_lengths_are_a_value_error(lengths):
    with pytest.raises(ValueError, match="lengths must"):
        check_lengths(lengths, 3, 5)


def test_zoneout_is_one_probability_for_each_state():
    assert found(zoneout=0.25).zoneout == {"h": 0.25, "c": 0.25}
    assert found(zoneout=(0.25, 0.5)).zoneout == {"h": 0.25, "c": 0.5}
    assert found(zoneout=[0, 1]).zoneout == {"h": 0.0, "c": 1.0}
    assert found(GRU_LIKE, zoneout=0.25).zoneout == {"h": 0.25}
    three = SimpleNamespace(states=("h", "c", "m"), step=LSTM_LIKE.step)
    assert found(three, zoneout=(0.1, 0.2, 0.3)).zoneout == {"h": 0.1, "c": 0.2, "m": 0.3}


def test_what_acts_inside_the_loop_is_known():
    assert not found().masks_steps
    assert not found(dropout=0.5, weight_drop=0.5).masks_steps
    assert found(recurrent_dropout=0.5).masks_steps
    assert found(recurrent_dropout=0.5, recurrent_dropout_on="update").masks_steps
    assert found(zoneout=(0.0, 0.5)).masks_steps


def test_options_cannot_be_changed_behind_the_layers_back():
    with pytest.raises(AttributeError):
        found().dropout = 0.5


@pytest.mark.parametrize("half", ["numpy", "torch"])
@pytest.mark.parametrize("kind, candidate", CELLS.items(), ids=list(CELLS))
def test_a_cell_declares_a_candidate_exactly_if_its_step_takes_a_mask_for_it(kind, candidate, half):
    module = importlib.import_module(f"rnn_book.{half}.{kind.partition(':')[0]}")
    cell = getattr(module, kind.partition(":")[2])()
    assert cell.candidate is ("candidate_mask" in inspect.signature(cell.step).parameters)
    assert cell.candidate is candidate


def test_dropout_warns_with_one_layer_only():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found(layers=1)
        found(layers=2, dropout=0.5)
        with pytest.raises(UserWarning, match="num_layers=1"):
            found(layers=1, dropout=0.5)


@pytest.mark.parametrize("half", [rnn_book.numpy, rnn_book.torch], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    "name", ["LSTM", "GRU", "RNN", "PeepholeLSTM", "LayerNormRNN", "Recurrent"]
)
def test_the_warning_points_to_the_line_that_builds_the_layer(half, name):
    cell = [half.lstm.LSTMStep] if name == "Recurrent" else []
    with pytest.warns(UserWarning, match="num_layers=1") as caught:
        getattr(half, name)(*cell, 3, 4, dropout=0.5)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("half", [rnn_book.numpy, rnn_book.torch], ids=["numpy", "torch"])
@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN", "PeepholeLSTM", "LSTMCell", "GRUCell"])
def test_an_unknown_keyword_is_refused_and_the_known_are_shown(half, name):
    kind = getattr(half, name)
    with pytest.raises(TypeError, match=f"{name}.. got an unexpected keyword argument 'zone'"):
        kind(3, 4, zone=0.5)
    shown = pydoc.render_doc(kind, renderer=pydoc.plaintext)
    names = ["forget_bias", "rng", "dtype"]
    for option in names if name.endswith("Cell") else [*names, "zoneout", "weight_drop"]:
        assert f"{option}: " in shown.partition("Method resolution order")[0]


def test_forget_bias_is_a_finite_number_or_none():
    assert check_forget_bias(GRU_LIKE, None, True) is None
    assert check_forget_bias(LSTM_LIKE, None, False) is None
    for value in (0, 1, -2.5, np.float32(2)):
        assert check_forget_bias(LSTM_LIKE, value, True) == value
    for value in (np.nan, np.inf, "1", True, (1,)):
        with pytest.raises(ValueError, match="forget_bias must be a finite number or None"):
            check_forget_bias(LSTM_LIKE, value, True)


@pytest.mark.parametrize("ours", [RNN, LSTM, GRU])
def test_arguments_come_in_the_order_of_torch(ours):
    names = list(inspect.signature(ours.__init__).parameters)[1:]
    order = ["input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout"]
    order.append("bidirectional")
    if ours is RNN:
        order.insert(3, "nonlinearity")
    assert names[: len(order)] == order


def test_options_are_keywords_only():
    parameters = inspect.signature(Recurrent.__init__).parameters
    keywords = {n for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert keywords >= {
        "recurrent_dropout",
        "recurrent_dropout_on",
        "zoneout",
        "weight_drop",
        "forget_bias",
        "rng",
        "dtype",
        "checkpoint",
    }
    with pytest.raises(TypeError):
        LSTM(3, 4, 1, True, False, 0.0, False, 0.5)
