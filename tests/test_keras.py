"""Weights from Keras and to it, against the real layers on their torch backend.

tests/conftest.py chooses the backend, before Keras is imported.
"""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnn_book import weights
from rnn_book.numpy import GRU, LSTM, RNN
from rnn_book.weights import from_keras, to_keras

# Keras 3.15 turns its variables into arrays by a method that NumPy 2 wants with one more argument.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

STEPS, BATCH, INPUTS, HIDDEN = 6, 4, 3, 5

# name -> our layer, the name of Keras' layer, options of ours, options of theirs
KINDS = {
    "rnn_tanh": (RNN, "SimpleRNN", {}, {}),
    "rnn_relu": (RNN, "SimpleRNN", {"nonlinearity": "relu"}, {"activation": "relu"}),
    "lstm": (LSTM, "LSTM", {}, {}),
    "gru": (GRU, "GRU", {}, {"reset_after": True}),
    "gru_reset_before": (GRU, "GRU", {"reset_after": False}, {"reset_after": False}),
}


@pytest.fixture(scope="module")
def keras():
    import keras

    assert keras.backend.backend() == "torch"
    return keras


def theirs(keras, kind, bidirectional=False, bias=True):
    """A Keras layer whose weights, the biases too, are large and random."""
    _, name, _, options = KINDS[kind]
    layer = getattr(keras.layers, name)(
        HIDDEN,
        return_sequences=True,
        return_state=True,
        use_bias=bias,
        dtype="float64",
        **options,
    )
    if bidirectional:
        layer = keras.layers.Bidirectional(layer, dtype="float64")
    layer.build((BATCH, STEPS, INPUTS))
    rng = np.random.default_rng(11)
    layer.set_weights([rng.standard_normal(w.shape) for w in layer.get_weights()])
    return layer


def ours(kind, bidirectional=False, bias=True, rng=0):
    layer, _, options, _ = KINDS[kind]
    built = layer(
        INPUTS,
        HIDDEN,
        bias=bias,
        batch_first=True,
        bidirectional=bidirectional,
        rng=rng,
        dtype="float64",
        **options,
    )
    rng = np.random.default_rng(rng)
    built.load_state_dict({k: rng.standard_normal(v.shape) for k, v in built.state_dict().items()})
    return built


def answers(keras, layer, keras_layer):
    """Output and states of both layers: pairs of arrays (N, T, D*H), and (N, H) for each state."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((BATCH, STEPS, INPUTS))
    count = layer.directions * len(layer.cell.states)
    states = [rng.standard_normal((BATCH, HIDDEN)) for _ in range(count)]
    their = [keras.ops.convert_to_numpy(v) for v in keras_layer(x, initial_state=states)]
    # Keras lists the states by direction, we by kind.
    kinds = len(layer.cell.states)
    hx = tuple(np.stack(states[k::kinds]) for k in range(kinds))
    output, state = layer(x, hx if kinds > 1 else hx[0])
    state = state if kinds > 1 else (state,)
    our = [output, *[state[k][d] for d in range(layer.directions) for k in range(kinds)]]
    return list(zip(our, their, strict=True))


# On the torch backend Keras' products of float64 are float32, but in the layers that are cuDNN's,
# which call torch's own.
TOLERANCE = {"lstm": 1e-10, "gru": 1e-10}


def agree(pairs, kind):
    tolerance = TOLERANCE.get(kind, 1e-5)
    for our, their in pairs:
        assert our.shape == their.shape
        assert_allclose(our, their, rtol=tolerance, atol=tolerance)


CASES = pytest.mark.parametrize(
    "kind, bidirectional, bias",
    [(kind, both, bias) for kind in KINDS for both in (False, True) for bias in (True, False)],
)


@CASES
def test_layer_with_weights_from_keras_agrees_with_it(keras, kind, bidirectional, bias):
    keras_layer = theirs(keras, kind, bidirectional, bias)
    layer = ours(kind, bidirectional, bias)
    layer.load_state_dict(from_keras(keras_layer.get_weights()))
    agree(answers(keras, layer, keras_layer), kind)


@CASES
def test_keras_with_our_weights_agrees_with_us(keras, kind, bidirectional, bias):
    keras_layer = theirs(keras, kind, bidirectional, bias)
    layer = ours(kind, bidirectional, bias, rng=3)
    keras_layer.set_weights(to_keras(layer))
    agree(answers(keras, layer, keras_layer), kind)


@CASES
def test_weights_of_keras_come_back_as_they_were(keras, kind, bidirectional, bias):
    given = theirs(keras, kind, bidirectional, bias).get_weights()
    layer = ours(kind, bidirectional, bias)
    layer.load_state_dict(from_keras(given))
    returned = to_keras(layer)
    assert len(returned) == len(given)
    for back, weight in zip(returned, given, strict=True):
        assert back.dtype == weight.dtype
        assert_array_equal(back, weight)


@pytest.mark.parametrize(
    "kind, table, order",
    [
        (kind, table, "".join(order))
        for kind, table in (("lstm", "LSTM"), ("gru", "GRU"), ("gru_reset_before", "GRU"))
        for order in permutations(weights.KERAS[table])
        if "".join(order) != weights.KERAS[table]
    ],
)
def test_keras_sees_every_wrong_order_of_gates(keras, kind, table, order, monkeypatch):
    keras_layer = theirs(keras, kind)
    layer = ours(kind)
    monkeypatch.setitem(weights.KERAS, table, order)
    layer.load_state_dict(from_keras(keras_layer.get_weights()))
    our, their = answers(keras, layer, keras_layer)[0]
    assert np.abs(our - their).max() > 1e-2


def test_keras_sees_the_place_of_the_reset(keras):
    keras_layer = theirs(keras, "gru")
    layer = ours("gru_reset_before")
    layer.load_state_dict(from_keras(keras_layer.get_weights()))
    our, their = answers(keras, layer, keras_layer)[0]
    assert np.abs(our - their).max() > 1e-2
