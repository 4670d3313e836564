"""Regularisers and modes of the NumPy layers: which masks, in which order, and what they do."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnn_book.numpy import GRU, LSTM, RNN
from rnn_book.numpy.variants import LayerNormGRU
from tests.grids import (
    KINDS,
    REGULARISERS,
    build,
    cases,
    data,
    initial,
    parts,
    upstream,
)


def expected_masks(seed, sizes, gates, options):
    """Draw the masks of one forward again, from the words of the documentation alone."""
    steps, batch, hidden, layers, directions = sizes
    rng = np.random.default_rng(seed).spawn(2)[1]

    def scaled(shape, p):
        kept = rng.random(shape, dtype=np.float32) >= p
        return np.where(kept, 1 / (1 - p), 0) if p < 1 else np.zeros(shape)

    whole = (steps, batch, hidden)
    masks = {}
    for layer in range(layers):
        for direction in range(directions):
            found = masks[f"l{layer}_reverse" if direction else f"l{layer}"] = {}
            if options.get("dropout") and layer + 1 < layers:
                found["dropout"] = scaled(whole, options["dropout"])
            if options.get("recurrent_dropout"):
                if options.get("recurrent_dropout_on") == "update":
                    found["update"] = scaled(whole, options["recurrent_dropout"])
                else:
                    found["recurrent"] = scaled((batch, hidden), options["recurrent_dropout"])
            for name, p in options.get("zoneout", {}).items():
                if p:
                    found[f"zoneout_{name}"] = rng.random(whole, dtype=np.float32) < p
            if options.get("weight_drop"):
                shape = (gates * hidden, hidden)
                found["weight_drop"] = scaled(shape, options["weight_drop"])
    return masks


DRAWS = {
    "nothing": {},
    **REGULARISERS,
    "everything_on_state": {
        "dropout": 0.2,
        "recurrent_dropout": 0.3,
        "zoneout": 0.4,
        "weight_drop": 0.5,
    },
    "everything_on_update": {
        "dropout": 0.2,
        "recurrent_dropout": 0.3,
        "recurrent_dropout_on": "update",
        "zoneout": 0.4,
        "weight_drop": 0.5,
    },
    "everything_is_1": {
        "dropout": 1.0,
        "recurrent_dropout": 1,
        "zoneout": 1,
        "weight_drop": 1.0,
    },
}


@pytest.mark.parametrize("directions, batch_first", [(1, True), (2, False)])
@pytest.mark.parametrize("kind, options", cases(list(KINDS), DRAWS))
def test_masks_follow_the_documented_order_of_drawing(kind, options, directions, batch_first):
    options = DRAWS[options]
    layer = build(
        kind,
        num_layers=3,
        bidirectional=directions == 2,
        batch_first=batch_first,
        rng=12,
        **options,
    )
    if "zoneout" in options:
        p = options["zoneout"]
        p = p if isinstance(p, tuple) else (p, p)
        options = options | {"zoneout": dict(zip(layer.cell.states, p, strict=False))}
    x, hx = data(layer, 5, 3)
    layer(x, hx, lengths=[2, 0, 5])  # padded steps are drawn as well
    expected = expected_masks(12, (5, 3, 4, 3, directions), KINDS[kind].gates, options)
    assert list(layer.last_masks) == list(expected)
    for suffix, masks in expected.items():
        assert list(layer.last_masks[suffix]) == list(masks)
        for name, mask in masks.items():
            found = layer.last_masks[suffix][name]
            assert found.dtype == (bool if name.startswith("zoneout") else layer.dtype)
            assert_array_equal(found, mask, err_msg=f"{suffix} {name}")


def test_masks_of_one_sequence_are_those_of_a_batch_of_one():
    options = {"recurrent_dropout": 0.5, "zoneout": 0.5, "num_layers": 2, "dropout": 0.5}
    alone, batch = build("lstm", **options), build("lstm", **options)
    x, _ = data(alone, unbatched=True)
    a, _ = alone(x)
    b, _ = batch(x[:, None])
    assert_array_equal(a, b[:, 0])
    for suffix, masks in batch.last_masks.items():
        for name, mask in masks.items():
            assert_array_equal(alone.last_masks[suffix][name], mask)


def test_every_forward_in_training_draws_new_masks_and_evaluation_draws_none():
    layer = build("lstm", recurrent_dropout=0.5)
    x, _ = data(layer)
    layer(x)
    first = layer.last_masks["l0"]["recurrent"]
    layer.eval()
    layer(x)
    assert layer.last_masks == {}
    layer.train()
    layer(x)
    second = layer.last_masks["l0"]["recurrent"]
    assert not np.array_equal(first, second)
    twin = build("lstm", recurrent_dropout=0.5)
    twin(x)
    twin(x)
    assert_array_equal(twin.last_masks["l0"]["recurrent"], second)


def test_float32_and_float64_layers_of_one_seed_draw_the_same():
    options = {"recurrent_dropout": 0.3, "weight_drop": 0.4, "zoneout": 0.5}
    single, double = LSTM(3, 4, rng=5, **options), LSTM(3, 4, rng=5, dtype="float64", **options)
    single(np.zeros((4, 2, 3), np.float32))
    double(np.zeros((4, 2, 3)))
    for name, value in double.parameters.items():
        assert_array_equal(single.parameters[name], value.astype(np.float32))
    for name, mask in double.last_masks["l0"].items():
        assert_array_equal(single.last_masks["l0"][name], mask.astype(np.float32))


@pytest.mark.parametrize("kind, options", cases(list(KINDS), REGULARISERS))
def test_evaluation_is_the_layer_without_dropout(kind, options):
    if options.startswith("zoneout"):
        options = {"dropout": 0.3, "recurrent_dropout": 0.3, "weight_drop": 0.3}
    else:
        options = REGULARISERS[options]
    sizes = {"num_layers": 2, "bidirectional": True}
    plain, layer = build(kind, **sizes), build(kind, **sizes, **options)
    x, hx = data(layer)
    expected = plain(x, hx, lengths=[4, 0, 2])
    trained = layer(x, hx, lengths=[4, 0, 2])
    found = layer.eval()(x, hx, lengths=[4, 0, 2])
    for a, b, c in zip(*((r[0], *parts(r[1])) for r in (found, expected, trained)), strict=True):
        assert_array_equal(a, b)
        assert not np.array_equal(a, c)
    layer.backward(*upstream(*found))
    plain.backward(*upstream(*expected))
    for name, g in plain.grads.items():
        assert_array_equal(layer.grads[name], g)


@pytest.mark.parametrize("kind", KINDS)
def test_training_after_evaluation_goes_on_where_it_was(kind):
    layers = [build(kind, recurrent_dropout=0.4, zoneout=0.2) for _ in range(2)]
    x, hx = data(layers[0])
    assert all(layer.training for layer in layers)
    layers[0](x, hx)
    assert layers[0].eval() is layers[0]
    layers[0](x, hx)
    assert layers[0].train() is layers[0]
    layers[1](x, hx)
    a, b = layers[0](x, hx), layers[1](x, hx)
    assert_array_equal(a[0], b[0])


def test_backward_differentiates_the_forward_that_was_whatever_the_mode_is_now():
    answers = []
    for switch in (False, True):
        layer = build("lstm", recurrent_dropout=0.4, zoneout=0.2)
        x, hx = data(layer)
        gradients = upstream(*layer(x, hx))
        layer.train(not switch)
        answers.append(layer.backward(*gradients)[0])
    assert_array_equal(*answers)


EXACT = {
    "state": {"recurrent_dropout": 0.5},
    "update": {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.5},
    "weight_drop": {"weight_drop": 0.5},
    "everything": {"recurrent_dropout": 0.5, "zoneout": 0.5, "weight_drop": 0.5},
    "dropped": {"recurrent_dropout": 1.0, "weight_drop": 1.0},
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", EXACT.values(), ids=EXACT)
@pytest.mark.parametrize("kind", ["gru", "gru_reset_before", "layer_norm_gru"])
def test_a_gru_whose_z_is_forced_to_1_returns_its_first_state_exactly(kind, options, dtype):
    layer = build(kind, dtype=dtype, bidirectional=True, **options)
    for suffix in ("l0", "l0_reverse"):
        layer.parameters[f"bias_ih_{suffix}"][4:8] = 1e4
    x, hx = data(layer, 20)
    output, state = layer(x, hx, lengths=[20, 0, 11])
    assert state.tobytes() == hx.tobytes()
    assert_array_equal(output[:, 0, :4], np.tile(hx[0, 0], (20, 1)))
    assert_array_equal(output[:11, 2, 4:], np.tile(hx[1, 2], (11, 1)))
    d_state = np.ones_like(hx)
    _, d_hx = layer.backward(None, d_state)
    assert_array_equal(d_hx, d_state)


def test_a_gru_whose_z_is_forced_to_1_keeps_its_state_in_evaluation():
    layer = build("gru", zoneout=0.3).eval()
    layer.parameters["bias_ih_l0"][4:8] = 1e4
    x, hx = data(layer, 20)
    output, _ = layer(x, hx)
    assert_allclose(output, np.broadcast_to(hx[0], output.shape), rtol=1e-14)


@pytest.fixture
def divisions():
    with np.errstate(all="raise", under="ignore"):
        yield


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize("option", ["recurrent_dropout", "weight_drop"])
@pytest.mark.parametrize("kind", KINDS)
def test_p_of_1_leaves_no_recurrent_product(kind, option):
    layer, plain = build(kind, **{option: 1}), build(kind)
    plain.parameters["weight_hh_l0"][...] = 0
    x, hx = data(layer)
    (output, state), (expected, end) = layer(x, hx), plain(x, hx)
    for a, b in zip((output, *parts(state)), (expected, *parts(end)), strict=True):
        assert_allclose(a, b, rtol=0, atol=1e-15)
    layer.backward(*upstream(output, state))
    assert not layer.grads["weight_hh_l0"].any()
    assert layer.grads["weight_ih_l0"].any()


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize("kind", KINDS)
def test_p_of_1_between_layers_leaves_the_second_layer_no_input(kind):
    layer = build(kind, num_layers=2, dropout=1)
    x, hx = data(layer)
    output, state = layer(x, hx)
    assert_array_equal(output, layer(x + 1, hx)[0])
    assert not layer.last_masks["l0"]["dropout"].any()
    d_x, _ = layer.backward(upstream(output, state)[0])
    assert not d_x.any()


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("kind", KINDS)
def test_zoneout_of_1_keeps_the_state(kind, training):
    layer = build(kind, zoneout=1).train(training)
    x, hx = data(layer)
    output, state = layer(x, hx)
    for s, h in zip(parts(state), parts(hx), strict=True):
        assert_array_equal(s, h)
    layer.backward(*upstream(output, state))
    assert not any(g.any() for g in layer.grads.values())


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize("kind", [k for k, v in KINDS.items() if v.candidate])
def test_p_of_1_on_the_update_leaves_nothing_to_add(kind):
    layer = build(kind, recurrent_dropout=1, recurrent_dropout_on="update")
    x, _ = data(layer)
    output, state = layer(x)
    assert not parts(state)[-1].any()
    layer.backward(*upstream(output, state))


def test_masks_are_scaled_so_that_their_mean_is_1():
    layer = LSTM(
        2, 40, 2, rng=0, dropout=0.2, recurrent_dropout=0.25, weight_drop=0.5, zoneout=(0.1, 0.6)
    )
    layer(np.zeros((30, 50, 2), np.float32))
    masks = layer.last_masks["l0"]
    kept = {"dropout": 0.8, "recurrent": 0.75, "weight_drop": 0.5}
    for name, share in kept.items():
        assert set(np.unique(masks[name]).tolist()) == {0, float(np.float32(1 / share))}
        assert abs(masks[name].mean() - 1) < 0.05
    assert abs(masks["zoneout_h"].mean() - 0.1) < 0.01
    assert abs(masks["zoneout_c"].mean() - 0.6) < 0.01


def test_dropout_between_layers_leaves_the_states_of_the_layer_below_alone():
    layer, single = build("lstm", num_layers=2, dropout=1.0), build("lstm")
    x, _ = data(layer)
    _, (h, _) = layer(x)
    lower = {name: v for name, v in layer.parameters.items() if name.endswith("l0")}
    single.load_state_dict(lower)
    assert_array_equal(h[:1], single(x)[1][0])


@pytest.mark.parametrize("layer", [RNN, LSTM, GRU, LayerNormGRU])
def test_dropout_with_one_layer_warns_as_torch_does(layer):
    import torch

    with pytest.warns(UserWarning, match="dropout") as theirs:
        torch.nn.LSTM(3, 4, dropout=0.5)
    with pytest.warns(UserWarning, match="dropout") as ours:
        layer(3, 4, dropout=0.5, rng=0)
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]
    assert ours[0].filename == __file__


def forget_biases(kind, layer):
    row = KINDS[kind].forget_row * layer.hidden_size
    rows = slice(row, row + layer.hidden_size)
    for name, value in layer.parameters.items():
        if name.startswith("bias_"):
            yield name, value[rows], np.delete(value, rows)


@pytest.mark.parametrize("kind", [k for k, v in KINDS.items() if v.forget_row is not None])
def test_forget_bias_is_the_total_bias_at_initialisation_and_nothing_else_changes(kind):
    sizes = {"num_layers": 2, "bidirectional": True}
    plain, layer = initial(kind, **sizes), initial(kind, **sizes, forget_bias=1.5)
    for (name, own, rest), (_, _, expected) in zip(
        forget_biases(kind, layer), forget_biases(kind, plain), strict=True
    ):
        assert_array_equal(own, 1.5 if name.startswith("bias_ih") else 0)
        assert_array_equal(rest, expected)
    for name, value in plain.parameters.items():
        if not name.startswith("bias_"):
            assert_array_equal(layer.parameters[name], value)
    zero = initial(kind, **sizes, forget_bias=0)
    assert not any(own.any() for _, own, _ in forget_biases(kind, zero))


@pytest.mark.parametrize("kind", ["lstm", "peephole_lstm", "coupled_lstm", "layer_norm_lstm"])
def test_forget_bias_opens_the_forget_gate(kind):
    layer = initial(kind, forget_bias=1e4)
    for name, value in layer.parameters.items():
        if name.startswith("weight_"):
            value[...] = 0
        elif name.startswith("bias_"):
            value[value != 1e4] = 0
    x, hx = data(layer)
    _, (_, c) = layer(x, hx)
    assert_array_equal(c, hx[1])


@pytest.mark.parametrize("kind", KINDS)
def test_zoneout_in_evaluation_mixes_old_and_new(kind):
    plain, layer = build(kind).eval(), build(kind, zoneout=0.3).eval()
    x, hx = data(layer, 1)
    for new, mixed, old in zip(
        *(parts(s) for s in (plain(x, hx)[1], layer(x, hx)[1], hx)), strict=True
    ):
        assert_allclose(mixed, 0.3 * old + 0.7 * new, rtol=0, atol=1e-15)


def test_zoneout_computes_h_from_the_new_c():
    layer, plain = build("lstm", zoneout=(0.0, 1.0)), build("lstm")
    x, hx = data(layer, 1)
    output, (h, c) = layer(x, hx)
    assert_array_equal(output, plain(x, hx)[0])
    assert_array_equal(h[0], output[0])
    assert_array_equal(c, hx[1])


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_of_0_change_nothing_and_draw_nothing(kind):
    zoneout = (0, 0.0) if KINDS[kind].states == 2 else 0
    plain = build(kind)
    layer = build(kind, dropout=0, recurrent_dropout=0.0, zoneout=zoneout, weight_drop=0)
    x, hx = data(layer)
    for a, b in zip(*((r[0], *parts(r[1])) for r in (plain(x, hx), layer(x, hx))), strict=True):
        assert_array_equal(a, b)
    assert layer.last_masks == {"l0": {}}
