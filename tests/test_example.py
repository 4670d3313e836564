"""The running example of the gate pages does what the pages tell, in both backends."""

import numpy as np
import pytest
import torch

from rnn_book import example, record_gates
from rnn_book.numpy import example as in_numpy
from rnn_book.numpy import sigmoid
from rnn_book.torch import example as in_torch

BACKENDS = pytest.mark.parametrize("face", [in_numpy, in_torch], ids=["numpy", "torch"])
KEEPER, FADER, MARK, QUESTION = example.KEEPER, example.FADER, example.MARK, example.QUESTION
SPEAKER = example.SPEAKER


def as_array(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def gates_of(face, x=None, **forced):
    """Gates of the example's layer, (T, 2) each; `forced` maps a gate to the bias of its rows."""
    layer = face.layer()
    weights = layer.state_dict()
    for gate, bias in forced.items():
        first = 2 * "ifgo".index(gate)
        weights["bias_ih_l0"][first : first + 2] = bias
    layer.load_state_dict(weights)
    gates = record_gates(layer, face.sequence() if x is None else x)["l0"]
    return {name: value[:, 0] for name, value in gates.items()}


def test_both_faces_have_the_same_names():
    assert in_numpy.__all__ == in_torch.__all__


def test_backends_agree():
    ours, theirs = in_numpy.layer(), in_torch.layer()
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    output, state = ours(in_numpy.sequence())
    expected, expected_state = theirs(in_torch.sequence())
    for one, other in zip((output, *state), (expected, *expected_state), strict=True):
        np.testing.assert_allclose(one, as_array(other), rtol=0, atol=1e-12)


def test_a_stock_torch_layer_agrees():
    layer = torch.nn.LSTM(example.INPUTS, example.HIDDEN, dtype=torch.float64)
    weights = example.weights(layer=True)
    layer.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    output, _ = layer(in_torch.sequence())
    expected, _ = in_numpy.layer()(in_numpy.sequence())
    np.testing.assert_allclose(as_array(output), expected, rtol=0, atol=1e-12)


@BACKENDS
def test_cell_step_by_step_equals_layer(face):
    cell, state = face.cell(), None
    output, last = face.layer()(face.sequence())
    for x_t, h_t in zip(face.sequence(), output, strict=True):
        state = cell(x_t, state)
        np.testing.assert_allclose(as_array(state[0]), as_array(h_t), rtol=0, atol=1e-12)
    for one, other in zip(state, last, strict=True):
        np.testing.assert_allclose(as_array(one), as_array(other)[0], rtol=0, atol=1e-12)


@BACKENDS
def test_everything_is_float64_and_has_the_book_s_shapes(face):
    x = face.sequence()
    assert x.shape == (7, 1, 1)
    assert face.sequence([1, 0]).shape == (2, 1, 1)
    for value in (x, face.sequence([1, 0]), *face.cell().state_dict().values()):
        assert as_array(value).dtype == np.float64
    output, (h, c) = face.layer()(x)
    assert output.shape == (7, 1, 2)
    assert h.shape == c.shape == (1, 1, 2)


@BACKENDS
def test_calls_hand_out_values_of_their_own(face):
    x = face.sequence()
    x[...] = 0
    assert face.sequence()[MARK] == 1
    weights = face.cell().state_dict()
    weights["bias_ih"][...] = 0
    assert face.cell().state_dict()["bias_ih"][0] == example.BIAS[0][0]


# The story. A page states each of these facts.


@BACKENDS
def test_the_keeper_keeps_the_mark_until_it_is_asked_and_then_clears_itself(face):
    c = gates_of(face)["c"][:, KEEPER]
    assert abs(c[:MARK]).max() < 0.02
    assert c[MARK : QUESTION + 1].min() > 0.94
    assert abs(c[QUESTION + 1]) < 0.03


@BACKENDS
def test_the_keeper_answers_when_it_is_asked_and_hardly_otherwise(face):
    h = gates_of(face)["h"][:, KEEPER]
    assert h[QUESTION] > 0.7
    assert abs(np.delete(h, QUESTION)).max() < 0.04


@BACKENDS
@pytest.mark.parametrize("step", [2, 3, 4, 5])
def test_the_answer_comes_at_the_step_of_the_question(face, step):
    x = face.sequence()
    x[QUESTION] = 0
    x[step] = -1
    assert gates_of(face, x)["h"][:, KEEPER].argmax() == step


@BACKENDS
def test_the_gates_are_those_of_the_table_on_the_page(face):
    x = as_array(face.sequence())[:, 0, 0]
    gates = gates_of(face)
    h = np.append(0, gates["h"][:-1, KEEPER])  # of the step before
    keeper = {
        "i": sigmoid(10 * x - 5),
        "f": sigmoid(5 - 12 * h),
        "g": np.tanh(2 * x),
        "o": sigmoid(-10 * x - 5),
    }
    for name, expected in keeper.items():
        np.testing.assert_allclose(gates[name][:, KEEPER], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(gates["g"][:, FADER], np.tanh(x), rtol=0, atol=1e-12)


@BACKENDS
def test_the_fader_stands_half_open(face):
    gates = gates_of(face)
    for name in "ifo":
        np.testing.assert_array_equal(gates[name][:, FADER], 0.5)


@BACKENDS
def test_the_trace_of_the_mark_lasts_in_the_keeper_and_halves_in_the_fader(face):
    plain = face.sequence()
    plain[MARK] = 0
    trace = gates_of(face)["c"] - gates_of(face, plain)["c"]
    assert trace[QUESTION, KEEPER] / trace[MARK, KEEPER] == pytest.approx(0.97, abs=0.005)
    np.testing.assert_allclose(trace[MARK + 1 :, FADER] / trace[MARK:-1, FADER], 0.5)


@BACKENDS
def test_a_forget_gate_forced_shut_leaves_what_is_written_now(face):
    gates = gates_of(face, f=-50)
    np.testing.assert_allclose(gates["c"], gates["i"] * gates["g"], atol=1e-12)


@BACKENDS
def test_a_forget_gate_forced_open_makes_a_sum(face):
    gates = gates_of(face, f=50)
    np.testing.assert_allclose(gates["c"], np.cumsum(gates["i"] * gates["g"], axis=0), atol=1e-12)


@BACKENDS
def test_an_endless_stream_of_marks_settles_only_with_the_forget_gate(face):
    stream = face.sequence([1] * 2000)
    c = gates_of(face, stream)["c"]
    np.testing.assert_allclose(c[-1], [143.07, 0.7616], rtol=1e-4)
    assert abs(c[-1] - c[-2]).max() < 1e-5
    growth = np.diff(gates_of(face, stream, f=50)["c"], axis=0)
    np.testing.assert_allclose(growth, np.broadcast_to(growth[0], growth.shape), rtol=1e-9)
    assert growth[0].min() > 0.38


@BACKENDS
def test_a_layer_of_fresh_weights_is_a_layer_of_faders(face):
    left = {}
    for bias in (None, 2.0):
        layer = face.LSTM(1, 32, forget_bias=bias, rng=0, dtype="float64")
        f = record_gates(layer, face.sequence())["l0"]["f"][:, 0]
        left[bias] = f.mean(), f.prod(axis=0).mean()
    np.testing.assert_allclose(left[None], (0.49, 0.0076), rtol=0.02)
    np.testing.assert_allclose(left[2.0], (0.88, 0.41), rtol=0.02)


@BACKENDS
def test_an_input_gate_forced_shut_keeps_everything_out(face):
    assert abs(gates_of(face, i=-50)["c"]).max() < 1e-15


@BACKENDS
def test_an_input_gate_forced_open_lets_the_question_cancel_the_mark(face):
    assert abs(gates_of(face, i=50)["c"][QUESTION, KEEPER]) < 0.04


@BACKENDS
def test_an_output_gate_forced_open_makes_the_keeper_clear_itself_at_once(face):
    gates = gates_of(face, o=50)
    assert gates["h"][MARK, KEEPER] > 0.7
    assert abs(gates["c"][MARK + 1 :, KEEPER]).max() < 0.03


@BACKENDS
def test_an_output_gate_forced_shut_keeps_the_mark_to_the_end(face):
    gates = gates_of(face, o=-50)
    assert abs(gates["h"]).max() < 1e-15
    assert gates["c"][MARK:, KEEPER].min() > 0.94


@BACKENDS
def test_a_hidden_state_that_does_not_come_back_clears_nothing(face):
    layer = face.layer()
    weights = layer.state_dict()
    weights["weight_hh_l0"][...] = 0
    layer.load_state_dict(weights)
    gates = record_gates(layer, face.sequence())["l0"]
    assert gates["h"][QUESTION, 0, KEEPER] > 0.7
    assert gates["c"][-1, 0, KEEPER] > 0.94


@BACKENDS
def test_the_cell_state_outgrows_what_the_hidden_state_can_show(face):
    gates = gates_of(face, face.sequence([1.0] * 10 + [-1.0]))
    assert gates["c"][-1, KEEPER] > 9
    assert abs(gates["h"]).max() < 1


# The GRU's story.


def gru_gates_of(face, x=None, layer=None, **forced):
    """Gates of the GRU example's layer, (T, 2) each; `forced` maps a gate to its rows' bias."""
    layer = layer or face.gru_layer()
    weights = layer.state_dict()
    for gate, bias in forced.items():
        first = 2 * "rzn".index(gate)
        weights["bias_ih_l0"][first : first + 2] = bias
    layer.load_state_dict(weights)
    gates = record_gates(layer, face.sequence() if x is None else x)["l0"]
    return {name: as_array(value)[:, 0] for name, value in gates.items()}


@pytest.mark.parametrize("name", "rznh")
def test_the_gru_agrees_between_backends(name):
    np.testing.assert_allclose(
        gru_gates_of(in_numpy)[name], gru_gates_of(in_torch)[name], rtol=0, atol=1e-12
    )


def test_a_stock_torch_gru_agrees():
    layer = torch.nn.GRU(example.INPUTS, example.HIDDEN, dtype=torch.float64)
    weights = example.gru_weights(layer=True)
    layer.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    output, _ = layer(in_torch.sequence())
    expected, _ = in_numpy.gru_layer()(in_numpy.sequence())
    np.testing.assert_allclose(as_array(output), expected, rtol=0, atol=1e-12)


@BACKENDS
def test_the_gru_cell_step_by_step_equals_the_layer(face):
    cell, h = face.gru_cell(), None
    output, _ = face.gru_layer()(face.sequence())
    for x_t, h_t in zip(face.sequence(), output, strict=True):
        h = cell(x_t, h)
        assert as_array(h).dtype == np.float64
        np.testing.assert_allclose(as_array(h), as_array(h_t), rtol=0, atol=1e-12)


@BACKENDS
def test_the_gru_s_gates_are_those_of_the_table_on_the_page(face):
    x = as_array(face.sequence())[:, 0, 0]
    gates = gru_gates_of(face)
    h = np.vstack([np.zeros(2), gates["h"][:-1]])  # of the step before
    expected = {
        "r": (np.full(7, 0.5), sigmoid(-8 - 16 * x)),
        "z": (sigmoid(8 - 16 * x - 16 * h[:, SPEAKER]), sigmoid(np.full(7, -8.0))),
        "n": (np.tanh(2 * x), np.tanh(gates["r"][:, SPEAKER] * 2 * h[:, KEEPER])),
    }
    for name, units in expected.items():
        np.testing.assert_allclose(gates[name], np.stack(units, -1), rtol=0, atol=1e-12)


@BACKENDS
def test_the_gru_s_keeper_keeps_the_mark_and_the_speaker_answers_when_it_is_asked(face):
    h = gru_gates_of(face)["h"]
    assert abs(h[:MARK, KEEPER]).max() < 0.01
    assert h[MARK : QUESTION + 1, KEEPER].min() > 0.96
    assert h[QUESTION, SPEAKER] > 0.95
    assert abs(np.delete(h[:, SPEAKER], QUESTION)).max() < 0.02


@BACKENDS
def test_the_gru_s_keeper_cannot_let_go_without_taking_in_what_comes(face):
    gates = gru_gates_of(face)
    assert gates["h"][-1, KEEPER] == pytest.approx(np.tanh(0.2), abs=1e-3)


@BACKENDS
def test_without_a_mark_the_speaker_has_nothing_to_say(face):
    x = face.sequence()
    x[MARK] = 0
    assert abs(gru_gates_of(face, x)["h"]).max() < 0.01


@BACKENDS
def test_a_reset_gate_forced_open_makes_the_keeper_let_go_at_once(face):
    h = gru_gates_of(face, r=50)["h"]
    assert h[MARK + 1, SPEAKER] > 0.95
    assert abs(h[MARK + 2 :, KEEPER]).max() < 0.25


@BACKENDS
def test_a_reset_gate_forced_shut_keeps_the_mark_to_the_end(face):
    h = gru_gates_of(face, r=-50)["h"]
    assert abs(h[:, SPEAKER]).max() < 1e-12
    assert h[MARK:, KEEPER].min() > 0.96


@BACKENDS
def test_reset_before_the_product_needs_the_reset_at_the_unit_that_is_heard(face):
    before = face.GRU(1, 2, reset_after=False, rng=0, dtype="float64")
    weights = face.gru_layer().state_dict()
    before.load_state_dict(weights)
    spoken = gru_gates_of(face, layer=before)["h"][:, SPEAKER]
    assert spoken[MARK + 1] > 0.7  # heard at once, because the keeper's own r is 0.5
    assert abs(spoken[QUESTION]) < 0.2
    for name in weights:
        weights[name][:2] = weights[name][[1, 0]]
    before.load_state_dict(weights)
    swapped = gru_gates_of(face, layer=before)
    np.testing.assert_allclose(swapped["h"], gru_gates_of(face)["h"], rtol=0, atol=1e-12)
