"""Options of the PyTorch layers: what each of them promises."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import torch

from rnn_book.torch import GRU, LSTM, RNN, Cell, PeepholeLSTM, Recurrent
from tests.grids import FAST, KINDS, REGULARISERS, cases
from tests.torch_twins import initial, twins

OTHERS = {
    "no_bias": {"bias": False},
    "forget_bias": {"forget_bias": 1.5},
    "batch_first": {"batch_first": True},
}
TABLE = {"plain": {}, **REGULARISERS, **OTHERS}
STACKED = {"num_layers": 2, "bidirectional": True}


@pytest.mark.parametrize(
    "loss",
    [lambda output, h, c: output.square().sum(), lambda output, h, c: (h * c).sum()],
    ids=["output", "state"],
)
def test_a_gradient_on_output_or_state_alone_is_enough(loss):
    _, layer = twins("lstm", recurrent_dropout=0.3, zoneout=0.2)
    copied = copy.deepcopy(layer)
    copied.fast = False
    gradients = []
    for one in (layer, copied):
        x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 2, 3).requires_grad_()
        output, state = one(x)
        gradients.append(torch.autograd.grad(loss(output, *state), [x, *one.parameters()]))
    for fast, readable in zip(*gradients, strict=True):
        torch.testing.assert_close(fast, readable, rtol=0, atol=1e-12)


def test_frozen_parameters_and_an_input_without_gradient_get_none():
    layer = LSTM(3, 4, recurrent_dropout=0.3, rng=0)
    layer.weight_ih_l0.requires_grad_(False)
    layer(torch.ones(3, 2, 3))[0].sum().backward()
    assert layer.weight_ih_l0.grad is None
    assert layer.weight_hh_l0.grad.abs().sum() > 0


def test_the_fast_path_can_be_differentiated_again_with_a_retained_graph():
    layer = GRU(3, 4, zoneout=0.3, rng=0)
    output, _ = layer(torch.ones(3, 2, 3))
    first = torch.autograd.grad(output.sum(), list(layer.parameters()), retain_graph=True)
    second = torch.autograd.grad(output.sum(), list(layer.parameters()))
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize("what", ["mask", "weight", "output"])
def test_a_change_in_place_before_backward_is_told_not_swallowed(what):
    layer = LSTM(3, 4, recurrent_dropout=0.3, rng=0)
    output, _ = layer(torch.ones(3, 2, 3))
    changed = {
        "mask": layer.last_masks["l0"]["recurrent"],
        "weight": layer.weight_hh_l0,
        "output": output,
    }[what]
    with torch.no_grad():
        changed.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


def test_modules_that_share_a_generator_have_weights_of_their_own():
    shared = np.random.default_rng(0)
    one, two = LSTM(3, 4, rng=shared), LSTM(3, 4, rng=shared)
    assert not torch.equal(one.weight_hh_l0, two.weight_hh_l0)


@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.4}, {"zoneout": 0.4}])
@pytest.mark.parametrize("kind", ["rnn_tanh", "lstm", "gru", "coupled_lstm"])
def test_with_an_rng_torchs_own_generator_is_neither_read_nor_moved(kind, options):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    layer = initial(kind, num_layers=2, dropout=0.3, **options)
    layer(torch.ones(4, 2, 3, dtype=torch.float64))
    layer.reset_parameters()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind, name", cases(["lstm", "coupled_lstm"], REGULARISERS))
def test_without_an_rng_weights_and_masks_come_from_torchs_generator(kind, name):
    found = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        layer = initial(kind, rng=None, num_layers=2, **REGULARISERS[name])
        found.append((layer.weight_hh_l0, layer(torch.ones(4, 2, 3, dtype=torch.float64))[0]))
    for one, two in zip(found[0], found[1], strict=True):
        assert torch.equal(one, two)
    for one, other in zip(found[0], found[2], strict=True):
        assert not torch.equal(one, other)


@pytest.mark.parametrize("kind", FAST)
def test_without_an_rng_the_weights_are_torchs_own_draw(kind):
    torch.manual_seed(5)
    stock = getattr(torch.nn, KINDS[kind].layer.__name__)(3, 4, 2, bidirectional=True)
    torch.manual_seed(5)
    layer = initial(kind, rng=None, dtype=None, **STACKED)
    for one, two in zip(layer.parameters(), stock.parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("name", ["state", "update", "weight_drop", "dropout"])
def test_a_probability_of_one_gives_zeros_without_a_division(name):
    options = {key: 1.0 if value == 0.4 else value for key, value in REGULARISERS[name].items()}
    layer = LSTM(3, 4, 2, rng=0, **options)
    output, _ = layer(torch.ones(3, 2, 3))
    assert torch.isfinite(output).all()
    masks = [mask for drawn in layer.last_masks.values() for mask in drawn.values()]
    assert masks
    assert not any(mask.any() for mask in masks)


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("on", ["state", "update"])
def test_a_gru_that_keeps_everything_returns_its_state_under_any_recurrent_dropout(fast, on):
    layer = GRU(3, 4, recurrent_dropout=0.7, recurrent_dropout_on=on, rng=0, dtype="float64")
    layer.fast = fast
    with torch.no_grad():
        layer.bias_ih_l0[4:8] = 1e3
    h = torch.linspace(-1, 1, 8, dtype=torch.float64).reshape(1, 2, 4)
    output, state = layer(torch.ones(5, 2, 3, dtype=torch.float64), h)
    assert torch.equal(state, h)
    assert torch.equal(output, h.expand(5, -1, -1))


def test_a_zoneout_of_one_keeps_the_first_state():
    layer = LSTM(3, 4, zoneout=1.0, rng=0)
    hx = (torch.ones(1, 2, 4), -torch.ones(1, 2, 4))
    for mode in (True, False):
        _, state = layer.train(mode)(torch.ones(5, 2, 3), hx)
        assert all(torch.equal(one, two) for one, two in zip(state, hx, strict=True))


def test_weight_drop_masks_are_on_the_recurrent_weights_and_gradients_reach_the_raw_ones():
    layer = LSTM(3, 4, weight_drop=0.5, rng=0, dtype="float64")
    raw = layer.weight_hh_l0.detach().clone()
    x = torch.ones(3, 2, 3, dtype=torch.float64)
    output, _ = layer(x)
    output.sum().backward()
    mask = layer.last_masks["l0"]["weight_drop"]
    stock = torch.nn.LSTM(3, 4, dtype=torch.float64)
    stock.load_state_dict({**layer.state_dict(), "weight_hh_l0": raw * mask})
    expected, _ = stock(x)
    expected.sum().backward()
    assert torch.equal(output, expected)
    assert torch.equal(layer.weight_hh_l0, raw)
    assert torch.equal(layer.weight_hh_l0.grad, stock.weight_hh_l0.grad * mask)


@pytest.mark.parametrize("kind", ["lstm", "no_forget_gate_lstm"])
def test_dropout_between_layers_masks_every_layer_but_the_last(kind):
    layer = initial(kind, num_layers=3, dropout=0.5)
    layer(torch.ones(4, 2, 3, dtype=torch.float64))
    assert [list(masks) for masks in layer.last_masks.values()] == [["dropout"], ["dropout"], []]
    assert layer.last_masks["l0"]["dropout"].shape == (4, 2, 4)
    layer.eval()(torch.ones(4, 2, 3, dtype=torch.float64))
    assert layer.last_masks == {}


@pytest.mark.parametrize("kind, name", cases(["lstm", "gru", "peephole_lstm"], REGULARISERS))
def test_evaluation_is_deterministic_and_that_of_the_plain_layer(kind, name):
    layer = initial(kind, num_layers=2, **REGULARISERS[name])
    plain = initial(kind, num_layers=2)
    x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 2, 3)
    first, second, expected = (m(x)[0] for m in (layer.eval(), layer.eval(), plain.eval()))
    assert torch.equal(first, second)
    assert torch.allclose(first, expected, atol=1e-12) is not name.startswith("zoneout")
    assert not torch.equal(layer.train()(x)[0], first)


@pytest.mark.parametrize("kind, name", cases(["lstm", "gru", "coupled_lstm"], REGULARISERS))
def test_fifty_training_forwards_leave_the_state_dict_bitwise_as_it_was(kind, name):
    layer = initial(kind, num_layers=2, **REGULARISERS[name])
    before = copy.deepcopy(layer.state_dict())
    for _ in range(50):
        layer(torch.ones(2, 2, 3, dtype=torch.float64))
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


@pytest.mark.parametrize("kind", ["rnn_relu", "lstm", "gru_reset_before", "layer_norm_gru"])
def test_a_copy_and_a_pickle_go_on_drawing_the_same_masks(kind):
    layer = initial(kind, num_layers=2, recurrent_dropout=0.5, dropout=0.2)
    x = torch.ones(4, 2, 3, dtype=torch.float64)
    layer(x)
    others = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    expected = [layer(x)[0] for _ in range(2)]
    for other in others:
        assert all(torch.equal(other(x)[0], value) for value in expected)


def test_a_forget_bias_is_the_total_in_every_layer_and_direction():
    for layer in (
        LSTM(3, 4, 2, bidirectional=True, forget_bias=1.0),
        PeepholeLSTM(3, 4, forget_bias=1.0),
    ):
        biases = {k: v[4:8] for k, v in layer.state_dict().items() if k.startswith("bias")}
        assert biases
        for name, value in biases.items():
            assert torch.equal(value, torch.full((4,), float(name.startswith("bias_ih"))))


def test_reset_parameters_gives_the_weights_of_the_seed_and_the_forget_bias_again():
    layer = LSTM(3, 4, forget_bias=2.0, rng=0)
    before = copy.deepcopy(layer.state_dict())
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(7)
    layer.reset_parameters()
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())
    assert torch.equal(layer.bias_ih_l0[4:8], torch.full((4,), 2.0))


def test_dropout_with_one_layer_warns_as_torch_does():
    with pytest.warns(
        UserWarning, match="non-zero dropout expects num_layers greater than 1"
    ) as ours:
        LSTM(3, 4, dropout=0.3)
    with pytest.warns(UserWarning, match="non-zero dropout expects num_layers greater than 1"):
        torch.nn.LSTM(3, 4, dropout=0.3)
    assert len(ours) == 1
    assert ours[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LSTM(3, 4, 2, dropout=0.3)


class Leaky(Cell):
    """A reader's cell: a leaky unit that adds up what it sees."""

    gates, states = 1, ("h",)
    extra = {"weight_leak": 1}
    candidate = True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        (leak,) = torch.sigmoid(p.weight_leak)
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        candidate = candidate_mask * torch.tanh(a)
        return ((1 - leak) * state[0] + leak * candidate,), ()


@pytest.mark.parametrize("name", ["plain", *REGULARISERS])
def test_a_readers_own_cell_gets_everything(name):
    options = TABLE[name]
    if isinstance(options.get("zoneout"), tuple):
        pytest.skip("the cell has one state")
    layer = Recurrent(Leaky, 3, 4, **STACKED, rng=0, dtype="float64", **options)
    x = torch.ones(4, 3, 3, dtype=torch.float64)
    x[2:, 0] = float("nan")
    x.requires_grad_()
    output, state = layer(x, lengths=[2, 4, 0])
    (output.sum() + state.sum()).backward()
    assert output.shape == (4, 3, 8)
    for gradient in (x.grad, *(p.grad for p in layer.parameters())):
        assert torch.isfinite(gradient).all()
    layer.load_state_dict(layer.state_dict(), strict=True)


def test_a_layer_shows_its_options():
    assert repr(LSTM(3, 4, 2, zoneout=(0.0, 0.2), weight_drop=0.5, forget_bias=1.0)) == (
        "LSTM(3, 4, num_layers=2, zoneout=(0.0, 0.2), weight_drop=0.5, forget_bias=1.0)"
    )
    assert repr(GRU(3, 4, recurrent_dropout=0.5, recurrent_dropout_on="update")) == (
        "GRU(3, 4, recurrent_dropout=0.5, recurrent_dropout_on='update')"
    )
    assert repr(Recurrent(Leaky, 3, 4, bias=False)) == "Recurrent(Leaky, 3, 4, bias=False)"
    assert repr(RNN(3, 4)) == "RNN(3, 4)"
