"""A reader's own cell in the machine, and cells as modules of one step, for streaming."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnn_book.numpy import Cell, CellModule, GRUCell, LSTMCell, Recurrent, RNNCell
from rnn_book.numpy.variants import (
    CoupledLSTMStep,
    LayerNormGRUStep,
    LayerNormLSTMStep,
    LayerNormRNNStep,
    NoForgetGateLSTMStep,
    PeepholeLSTMStep,
)
from tests.grids import KINDS, REGULARISERS, build, data, pack, pairs, parts, upstream
from tests.slopes import compare_slopes, wrong_slopes


class Leaky:
    """Ten lines of a reader, who has not subclassed anything: a leaky unit with a candidate."""

    gates, states, candidate = 1, ("h",), True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        n = np.tanh(a)
        return (0.7 * state[0] + 0.3 * candidate_mask * n,), (n, h_rec, candidate_mask)

    def step_gradient(self, d_new_state, saved, p):
        n, h_rec, m = saved
        d_a = np.array([0.3 * m * d_new_state[0] * (1 - n * n)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.7 * d_new_state[0],), d_p


class Two(Cell):
    """Two states, parameters of its own (one a constant, one a matrix), and a list of pairs."""

    gates, states = 2, ("h", "m")
    extra = {"decay": 1, "mix": (1, 1), "slope_low": 1}
    constants = {"decay": 0.5}
    recorded = ("n",)
    forget_gate = 0
    candidate = True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        h, m = state
        b_a, b_b = p.bias_hh
        x_a, x_b = a_x
        (h_a,) = p.recurrent[:1](h_rec)
        r = np.tanh(x_a + h_a + b_a)
        (h_b,) = p.recurrent[1:](r * h_rec)
        n = np.tanh(x_b + h_b + b_b)
        mixed = m @ p.mix.T
        h_new = p.decay[0] * h + p.slope_low[0] * candidate_mask * n + mixed
        return (h_new, n * mixed), (n, r, h, m, mixed, h_rec, candidate_mask)

    def step_gradient(self, d_new_state, saved, p):
        d_h, d_m = d_new_state
        n, r, h, m, mixed, h_rec, mask = saved
        d_mixed = d_h + d_m * n
        d_n = (d_h * p.slope_low[0] * mask + d_m * mixed) * (1 - n * n)
        d_reset = p.recurrent[1:].gradient(d_n[None])
        d_r = d_reset * h_rec * (1 - r * r)
        d_a = np.array([d_r, d_n])
        d_p = {
            "weight_hh": [(d_a[:1], h_rec), (d_a[1:], r * h_rec)],
            "bias_hh": d_a,
            "decay": (d_h * h)[None],
            "slope_low": (d_h * mask * n)[None],
            "mix": (d_mixed, m),
        }
        d_h_rec = d_reset * r + p.recurrent[:1].gradient(d_a[:1])
        return d_a, d_h_rec, (d_h * p.decay[0], d_mixed @ p.mix), d_p


class Forgetful(Cell):
    """Neither state is carried: the step says so with the number 0."""

    states = ("h", "last")

    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = np.tanh(a)
        return (h, 2 * h), (h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        h, h_rec = saved
        d_a = np.array([(d_new_state[0] + 2 * d_new_state[1]) * (1 - h * h)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0, 0.0), d_p


CELLS = {"leaky": Leaky, "two": Two, "forgetful": Forgetful}
OPTIONS = {"plain": {}, **REGULARISERS, "checkpoint": {"checkpoint": True}}
OPTIONS |= {"no_bias": {"bias": False}, "all": {"recurrent_dropout": 0.3, "zoneout": 0.3}}
OPTIONS |= {
    name: pairs(REGULARISERS)[name] for name in ("dropout-weight_drop", "state-weight_drop")
}


def own_cases():
    for name, cell in CELLS.items():
        for label, options in OPTIONS.items():
            one_state = len(cell.states) == 1 and isinstance(options.get("zoneout"), tuple)
            no_candidate = name == "forgetful" and "recurrent_dropout_on" in options
            if not one_state and not no_candidate:
                yield name, label


def own(name, **options):
    return Recurrent(CELLS[name], 3, 4, rng=1, dtype=np.float64, **options)


@pytest.mark.parametrize("name, label", list(own_cases()))
def test_an_own_cell_gets_every_regulariser_with_exact_gradients(name, label):
    options = {"num_layers": 2 if "dropout" in label else 1, "bidirectional": True}
    options |= OPTIONS[label]
    wrong = wrong_slopes(lambda: own(name, **options), lengths=[3, 0, 2])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", CELLS)
def test_an_own_cell_gets_layers_directions_and_lengths(name):
    layer = own(name, num_layers=2, bidirectional=True)
    x, hx = data(layer, 3)
    output, state = layer(x, hx, lengths=[3, 0, 2])
    assert output.shape == (3, 3, 8)
    assert not output[:, 1].any()
    assert not output[2, 2].any()
    for s, h in zip(parts(state), parts(hx), strict=True):
        assert_array_equal(s[:, 1], h[:, 1])
    alone, end = layer(x[:2, 2:], pack([h[:, 2:] for h in parts(hx)]))
    assert_allclose(output[:2, 2:], alone, rtol=0, atol=1e-14)
    for s, e in zip(parts(state), parts(end), strict=True):
        assert_allclose(s[:, 2:], e, rtol=0, atol=1e-14)
    wrong = wrong_slopes(lambda: own(name, num_layers=2, bidirectional=True))
    assert not wrong, "\n".join(wrong)


def test_an_own_cell_is_run_as_it_would_be_by_hand():
    layer = own("leaky", recurrent_dropout=0.4, recurrent_dropout_on="update", zoneout=0.2)
    x, hx = data(layer)
    output, _ = layer(x, hx)
    masks, p, h = layer.last_masks["l0"], layer.parameters, hx[0]
    for t in range(len(x)):
        a = x[t] @ p["weight_ih_l0"].T + h @ p["weight_hh_l0"].T
        n = np.tanh(a + p["bias_ih_l0"] + p["bias_hh_l0"])
        new = 0.7 * h + 0.3 * masks["update"][t] * n
        h = np.where(masks["zoneout_h"][t], h, new)
        assert_allclose(output[t], h, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", CELLS)
def test_an_own_cell_in_float32_stays_there(name):
    layer = Recurrent(CELLS[name](), 3, 4, 2, zoneout=0.2, recurrent_dropout=0.2, rng=1)
    x, hx = data(layer)
    output, state = layer(x, hx, lengths=[4, 0, 1])
    d_x, d_hx = layer.backward(*upstream(output, state))
    found = [output, *parts(state), d_x, *parts(d_hx), *layer.grads.values()]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}


def test_extra_parameters_are_named_shaped_and_initialised():
    layer = Recurrent(Two, 3, 4, 2, bidirectional=True, forget_bias=2, rng=0)
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "decay", "mix", "slope_low"]
    ends = ["l0", "l0_reverse", "l1", "l1_reverse"]
    assert list(layer.parameters) == [f"{name}_{end}" for end in ends for name in names]
    for end in ends:
        assert layer.parameters[f"weight_ih_{end}"].shape == (8, 3 if end < "l1" else 8)
        assert layer.parameters[f"mix_{end}"].shape == (4, 4)
        assert_array_equal(layer.parameters[f"decay_{end}"], np.full(4, 0.5))
        assert_array_equal(layer.parameters[f"bias_ih_{end}"][:4], 2)
        slope = layer.parameters[f"slope_low_{end}"]
        assert len(np.unique(slope)) == 4
        assert np.abs(slope).max() <= 0.5


def test_constants_belong_to_whole_names_alone():
    class Pair(Leaky):
        extra = {"gain": 1, "gain_low": 1, "bias_of_its_own": 1}
        constants = {"gain": 1.0}
        forget_gate = 0

    module = CellModule(Pair, 3, 4, forget_bias=3, rng=0)
    assert_array_equal(module.parameters["gain"], 1)
    assert len(np.unique(module.parameters["gain_low"])) == 4
    assert len(np.unique(module.parameters["bias_of_its_own"])) == 4
    layer = Recurrent(Pair, 3, 4, forget_bias=3, rng=0)
    assert_array_equal(layer.parameters["gain_l0"], 1)
    assert len(np.unique(layer.parameters["gain_low_l0"])) == 4
    assert len(np.unique(layer.parameters["bias_of_its_own_l0"])) == 4


@pytest.mark.parametrize("cell", [Leaky, Leaky()], ids=["class", "instance"])
def test_a_cell_is_a_class_or_an_instance(cell):
    before = dict(vars(cell))
    layer = Recurrent(cell, 3, 4, rng=0)
    assert vars(cell) == before  # what the protocol adds, it does not write into the reader's cell
    assert layer(np.zeros((2, 1, 3), np.float32))[0].shape == (2, 1, 4)


# --- one step: streaming -------------------------------------------------------------------------

STREAMS = {
    "rnn_tanh": lambda **o: RNNCell(3, 4, **o),
    "rnn_relu": lambda **o: RNNCell(3, 4, nonlinearity="relu", **o),
    "lstm": lambda **o: LSTMCell(3, 4, **o),
    "gru": lambda **o: GRUCell(3, 4, **o),
    "gru_reset_before": lambda **o: GRUCell(3, 4, reset_after=False, **o),
    "peephole_lstm": lambda **o: CellModule(PeepholeLSTMStep, 3, 4, **o),
    "coupled_lstm": lambda **o: CellModule(CoupledLSTMStep(), 3, 4, **o),
    "no_forget_gate_lstm": lambda **o: CellModule(NoForgetGateLSTMStep, 3, 4, **o),
    "layer_norm_rnn": lambda **o: CellModule(LayerNormRNNStep, 3, 4, **o),
    "layer_norm_rnn_relu": lambda **o: CellModule(LayerNormRNNStep("relu"), 3, 4, **o),
    "layer_norm_lstm": lambda **o: CellModule(LayerNormLSTMStep, 3, 4, **o),
    "layer_norm_gru": lambda **o: CellModule(LayerNormGRUStep, 3, 4, **o),
}


def stream(kind, bias=True):
    """A cell with the parameters of a layer, and the layer."""
    layer = build(kind, bias=bias)
    cell = STREAMS[kind](bias=bias, rng=0, dtype=np.float64)
    cell.load_state_dict({name.removesuffix("_l0"): v for name, v in layer.parameters.items()})
    return cell, layer


@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
@pytest.mark.parametrize("kind", STREAMS)
def test_streaming_step_by_step_equals_the_layer(kind, bias):
    cell, layer = stream(kind, bias)
    x, hx = data(layer, 6)
    output, final = layer(x, hx)
    state = pack([s[0] for s in parts(hx)])
    for t in range(6):
        state = cell(x[t], state)
        assert_allclose(parts(state)[0], output[t], rtol=0, atol=1e-14)
    for s, expected in zip(parts(state), parts(final), strict=True):
        assert_allclose(s, expected[0], rtol=0, atol=1e-14)
    zeros = pack([np.zeros_like(s[0]) for s in parts(hx)])
    for a, b in zip(parts(cell(x[0])), parts(cell(x[0], zeros)), strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("batched", [True, False], ids=["batch", "alone"])
@pytest.mark.parametrize("kind", STREAMS)
def test_backward_of_a_step_equals_that_of_the_layer(kind, batched):
    cell, layer = stream(kind)
    x, hx = data(layer, 1, unbatched=not batched)
    d_state = upstream(*layer(x, hx))[1]
    d_x, d_hx = layer.backward(None, d_state)
    cell(x[0], pack([s[0] for s in parts(hx)]))
    for _ in range(2):  # gradients add up over steps
        cell(x[0], pack([s[0] for s in parts(hx)]))
        d_x_step, d_before = cell.backward(pack([d[0] for d in parts(d_state)]))
    assert_allclose(d_x_step, d_x[0], rtol=0, atol=1e-14)
    for d, expected in zip(parts(d_before), parts(d_hx), strict=True):
        assert_allclose(d, expected[0], rtol=0, atol=1e-14)
    for name, g in cell.grads.items():
        assert_allclose(g, 2 * layer.grads[f"{name}_l0"], rtol=0, atol=1e-13, err_msg=name)


OWN_STREAMS = {
    name: lambda cell=cell, **o: CellModule(cell, 3, 4, **o) for name, cell in CELLS.items()
}


@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
@pytest.mark.parametrize("kind", [*STREAMS, *OWN_STREAMS])
def test_backward_of_a_step_matches_finite_differences(kind, bias):
    make = (STREAMS | OWN_STREAMS)[kind]
    cell = make(bias=bias, rng=1, dtype=np.float64)
    rng = np.random.default_rng(2)
    states = [rng.standard_normal((3, 4)) for _ in cell.cell.states]
    weights = [rng.standard_normal((3, 4)) for _ in states]
    points = {"x": rng.standard_normal((3, 3))}
    points |= {f"hx[{k}]": s for k, s in enumerate(states)}
    points |= {n: v + rng.normal(0, 0.4, v.shape) for n, v in cell.parameters.items()}

    def run(points):
        cell = make(bias=bias, rng=1, dtype=np.float64)
        cell.load_state_dict({name: points[name] for name in cell.parameters})
        return cell, cell(points["x"], pack([points[f"hx[{k}]"] for k in range(len(states))]))

    def loss(points):
        return sum(np.vdot(w, s) for w, s in zip(weights, parts(run(points)[1]), strict=True))

    cell, _ = run(points)
    d_x, d_state = cell.backward(pack(weights))
    gradients = {"x": d_x, **cell.grads}
    gradients |= {f"hx[{k}]": d for k, d in enumerate(parts(d_state))}
    wrong = compare_slopes(loss, points, gradients)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["rnn_tanh", "rnn_relu", "lstm", "gru"])
@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (0, 3)], ids=str)
def test_a_step_matches_torch(kind, bias, shape):
    import torch

    names = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
    options = {} if kind in names else {"nonlinearity": kind.removeprefix("rnn_")}
    twin = names.get(kind, torch.nn.RNNCell)(3, 4, bias=bias, dtype=torch.float64, **options)
    cell = STREAMS[kind](bias=bias, rng=0, dtype=np.float64)
    cell.load_state_dict(twin.state_dict())
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    states = [rng.standard_normal((*shape[:-1], 4)) for _ in cell.cell.states]
    weights = [rng.standard_normal(s.shape) for s in states]
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, *states)]
    theirs = parts(twin(leaves[0], pack(leaves[1:])))
    sum((t * torch.tensor(w)).sum() for t, w in zip(theirs, weights, strict=True)).backward()
    ours = parts(cell(x, pack(states)))
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == tuple(b.shape)
        assert_allclose(a, b.detach(), rtol=0, atol=1e-10)
    d_x, d_state = cell.backward(pack(weights))
    for d, leaf in zip((d_x, *parts(d_state)), leaves, strict=True):
        assert_allclose(d, leaf.grad, rtol=0, atol=1e-10)
    for name, parameter in twin.named_parameters():
        assert_allclose(cell.grads[name], parameter.grad, rtol=0, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("kind", STREAMS)
def test_states_of_a_stream_may_be_overwritten_before_backward(kind):
    answers = []
    for spoil in (False, True):
        cell, layer = stream(kind)
        x, hx = data(layer, 2)
        first = cell(x[0], pack([s[0] for s in parts(hx)]))
        second = cell(x[1], first)
        if spoil:
            for s in (*parts(first), *parts(second)):
                s[...] = np.nan
        d_x, d_state = cell.backward(pack([np.ones((3, 4)) for _ in parts(hx)]))
        answers.append([d_x, *parts(d_state), *cell.grads.values()])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("kind", OWN_STREAMS)
def test_an_own_cell_streams_one_sequence_by_itself(kind):
    cell = OWN_STREAMS[kind](rng=1)
    x = np.ones(3, np.float32)
    batch = cell(x[None])
    for s, expected in zip(parts(cell(x)), parts(batch), strict=True):
        assert_array_equal(s, expected[0])
    d_x, d_state = cell.backward(pack([np.ones_like(s[0]) for s in parts(batch)]))
    assert d_x.shape == (3,)
    cell(x)
    _, again = cell.backward(d_state)  # what came out goes in again, one step earlier
    assert {d.shape for d in (*parts(d_state), *parts(again))} == {(4,)}


def test_forget_bias_of_a_cell():
    cell = LSTMCell(3, 4, forget_bias=2, rng=0)
    assert_array_equal(cell.parameters["bias_ih"][4:8], 2)
    assert_array_equal(cell.parameters["bias_hh"][4:8], 0)
    assert_array_equal(
        cell.parameters["bias_ih"][:4], LSTMCell(3, 4, rng=0).parameters["bias_ih"][:4]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_has_the_parameters_of_a_layer(kind):
    cell, layer = stream(kind)
    assert [f"{name}_l0" for name in cell.parameters] == list(layer.parameters)
