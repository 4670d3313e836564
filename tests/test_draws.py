"""Everything random: one seed, one order, one precision, for weights and for masks."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from rnn_book.draws import draw_masks, generator, initial_weights, scaled_mask, spawn
from rnn_book.numpy import GRU, LSTM, RNN, Dropout, Embedding, Linear, LSTMCell
from rnn_book.numpy.variants import LayerNormLSTM, PeepholeLSTM


def test_a_generator_is_passed_through_and_a_seed_makes_the_usual_one():
    rng = np.random.default_rng(3)
    assert generator(rng) is rng
    for seed in (3, np.int64(3), np.uint8(3)):
        assert generator(seed).random() == np.random.default_rng(3).random()
    assert generator(None).random() != generator(None).random()


@pytest.mark.parametrize("rng", [-1, 1.0, "1", True, [1], np.random.SeedSequence(0)], ids=str)
def test_anything_else_is_no_rng(rng):
    with pytest.raises(TypeError, match=r"rng must be None, a seed .*Generator, got"):
        generator(rng)


def test_children_are_those_of_numpy_and_differ():
    weights, masks = spawn(5)
    expected = np.random.default_rng(5).spawn(2)
    assert [weights.random(), masks.random()] == [child.random() for child in expected]
    shared = np.random.default_rng(5)
    draws = [child.random() for _ in range(3) for child in spawn(shared)]
    assert len(set(draws)) == 6
    assert shared.random() == np.random.default_rng(5).random()  # spawning draws nothing


def test_global_state_is_neither_read_nor_set():
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - to see that nobody touches it
    layer = LSTM(3, 4, recurrent_dropout=0.5)
    layer(np.zeros((2, 1, 3), np.float32))
    Dropout(0.5)(np.zeros(3, np.float32))
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002 - likewise
    again = LSTM(3, 4, recurrent_dropout=0.5)
    assert not np.array_equal(layer.parameters["weight_hh_l0"], again.parameters["weight_hh_l0"])


def test_weights_are_drawn_in_the_order_of_their_names():
    shapes = {"b": (2, 3), "gain": (3,), "a": (4,)}
    found = initial_weights(np.random.default_rng(0), shapes, 0.25, {"gain": 2.0})
    rng = np.random.default_rng(0)
    assert list(found) == list(shapes)
    assert_array_equal(found["b"], rng.uniform(-0.25, 0.25, (2, 3)))
    assert_array_equal(found["gain"], [2, 2, 2])
    assert_array_equal(found["a"], rng.uniform(-0.25, 0.25, 4))
    assert {a.dtype for a in found.values()} == {np.dtype(np.float64)}


LAYERS = {
    "rnn": lambda **o: RNN(3, 5, 2, bidirectional=True, **o),
    "lstm": lambda **o: LSTM(3, 5, 3, **o),
    "gru": lambda **o: GRU(3, 5, 2, bias=False, **o),
    "peephole": lambda **o: PeepholeLSTM(3, 5, 2, **o),
    "layer_norm": lambda **o: LayerNormLSTM(3, 5, 2, **o),
    "cell": lambda **o: LSTMCell(3, 5, **o),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_a_layers_weights_are_drawn_in_float64_in_state_dict_order_then_cast(make, dtype):
    layer = make(rng=7, dtype=dtype)
    rng = np.random.default_rng(7).spawn(2)[0]
    for name, value in layer.state_dict().items():
        constant = 1.0 if name.startswith("gain") else 0.0 if name.startswith("shift") else None
        expected = np.full(value.shape, constant)
        if constant is None:
            expected = rng.uniform(-1 / np.sqrt(5), 1 / np.sqrt(5), value.shape)
        assert value.dtype == dtype
        assert_array_equal(value, expected.astype(dtype), err_msg=name)


def test_linear_and_embedding_draw_as_torch_initialises_them():
    linear, rng = Linear(16, 50, rng=1, dtype="float64"), np.random.default_rng(1).spawn(2)[0]
    assert_array_equal(linear.parameters["weight"], rng.uniform(-0.25, 0.25, (50, 16)))
    assert_array_equal(linear.parameters["bias"], rng.uniform(-0.25, 0.25, 50))
    embedding = Embedding(50, 40, rng=1, dtype="float64")
    rng = np.random.default_rng(1).spawn(2)[0]
    assert_array_equal(embedding.parameters["weight"], rng.standard_normal((50, 40)))


def test_options_do_not_change_the_weights_of_a_seed():
    plain = LSTM(3, 4, 2, rng=0)
    layer = LSTM(3, 4, 2, rng=0, dropout=0.5, recurrent_dropout=0.5, zoneout=0.5, weight_drop=0.5)
    layer(np.zeros((2, 1, 3), np.float32))
    for name, value in plain.parameters.items():
        assert_array_equal(layer.parameters[name], value)


def test_modules_that_share_a_generator_are_not_alike_and_repeat_as_a_whole():
    def model():
        rng = np.random.default_rng(4)
        return [LSTM(3, 3, rng=rng), LSTM(3, 3, rng=rng), Dropout(0.5, rng=rng)]

    a, b, dropout = model()
    assert not np.array_equal(a.parameters["weight_hh_l0"], b.parameters["weight_hh_l0"])
    a_again, b_again, dropout_again = model()
    assert_array_equal(a.parameters["weight_hh_l0"], a_again.parameters["weight_hh_l0"])
    assert_array_equal(b.parameters["weight_hh_l0"], b_again.parameters["weight_hh_l0"])
    x = np.ones(50, np.float32)
    assert_array_equal(dropout(x), dropout_again(x))


def uniform_of(seed):
    rng = np.random.default_rng(seed)
    return lambda size: rng.random(size, dtype=np.float32)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.9, 1.0, 1 - 1e-12])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_scaled_mask_is_0_or_the_inverse_of_what_is_kept(p, dtype):
    with np.errstate(all="raise"):
        mask = scaled_mask(uniform_of(0)((40, 50)), lambda keep: keep.astype(dtype), p)
    assert mask.dtype == dtype
    assert set(np.unique(mask)) <= {0, dtype(1 / (1 - p) if p < 1 else 0)}
    assert abs((mask == 0).mean() - p) < 0.03


def test_masks_are_drawn_by_layer_then_direction_then_kind():
    asked = []

    def uniform(size):
        asked.append(size)
        return np.zeros(size, np.float32)

    options = SimpleNamespace(
        dropout=0.5,
        recurrent_dropout=0.5,
        recurrent_dropout_on="state",
        zoneout={"h": 0.5, "c": 0.5},
        weight_drop=0.5,
    )
    masks = draw_masks(uniform, np.float32, options, 2, 2, (7, 2, 3), 4)
    every, matrix = (7, 2, 3), (12, 3)
    below = [every, (2, 3), every, every, matrix]
    assert asked == 2 * below + 2 * below[1:]  # no dropout on the output of the last layer
    names = ["dropout", "recurrent", "zoneout_h", "zoneout_c", "weight_drop"]
    assert {key: list(drawn) for key, drawn in masks.items()} == {
        "l0": names,
        "l0_reverse": names,
        "l1": names[1:],
        "l1_reverse": names[1:],
    }


def test_a_mask_that_no_option_asks_for_is_not_drawn():
    def uniform(size):
        raise AssertionError(size)

    options = SimpleNamespace(
        dropout=0.5,
        recurrent_dropout=0.0,
        recurrent_dropout_on="update",
        zoneout={"h": 0.0},
        weight_drop=0.0,
    )
    assert draw_masks(uniform, np.float32, options, 1, 1, (7, 2, 3), 4) == {"l0": {}}
