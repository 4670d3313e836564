"""GRU or LSTM: the quick version, and what makes the nets comparable."""

import numpy as np
import pytest
import torch

from rnn_book.experiments import gru_or_lstm as module
from rnn_book.experiments.claims import Run
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean

GRUS = ("GRU, equal width", "GRU, equal parameters")


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("gru_or_lstm", quick=True, cache=run_cache, progress=False))


def test_a_gru_has_three_quarters_of_the_parameters(summary):
    for width in summary["cost"]:
        counts = width["parameters"]
        assert 4 * counts["GRU, equal width"] == 3 * counts["LSTM"]
        assert counts["GRU, equal parameters"] == pytest.approx(counts["LSTM"], rel=0.02)


def test_without_a_fused_kernel_a_gru_is_not_much_dearer_and_not_half_the_price(summary):
    for width in summary["cost"]:
        times = width["milliseconds"]["PyTorch, without"]
        assert 0.5 < mean(times["GRU, equal width"]) / mean(times["LSTM"]) < 1.25


def test_on_few_names_the_gru_is_ahead_a_little_and_all_nets_beat_guessing(summary):
    names = next(found for found in summary["sets"] if found["task"] == "names")
    right = {net: mean(names["nets"][net]["right"]) for net in module.NETS}
    assert all(0.12 < value < 0.6 for value in right.values())
    assert -0.03 < right["GRU, equal width"] - right["LSTM"] < 0.15


def test_more_data_helps(summary):
    few, more = (found for found in summary["sets"] if found["task"] == "digits")
    for net in GRUS:
        assert 0 < mean(more["nets"][net]["right"]) - mean(few["nets"][net]["right"]) < 0.5


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table", "leads", "cost", "parameters", "chosen"}
    assert set(module.figures(summary)) == {"", "lead", "cost"}


@pytest.mark.parametrize("net", module.NETS)
@pytest.mark.parametrize("task, symbols", [("names", 50), ("digits", 0)])
def test_parameters_are_counted_as_torch_counts_them(net, task, symbols):
    model = module.Classifier(task, net, symbols, 0.0, np.random.default_rng(0))
    counted = sum(p.numel() for part in (model.layer, model.head) for p in part.parameters())
    sizes = model.layer.input_size, model.layer.hidden_size, module.CLASSES[task]
    assert module.parameters(module.NETS[net][0], *sizes) == counted


@pytest.mark.parametrize("inputs, hidden, outputs", [(16, 32, 12), (8, 32, 10), (64, 64, 0)])
def test_no_other_width_comes_closer(inputs, hidden, outputs):
    budget = module.parameters("LSTM", inputs, hidden, outputs)
    width = module.width("GRU, equal parameters", inputs, hidden, outputs)
    misses = [
        abs(module.parameters("GRU", inputs, w, outputs) - budget)
        for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)


@pytest.mark.parametrize("bias", module.BIASES)
@pytest.mark.parametrize("net", module.NETS)
def test_the_gate_that_keeps_gets_the_same_bias_in_both_cells(net, bias):
    model = module.Classifier("digits", net, 0, bias, np.random.default_rng(0))
    hidden = model.layer.hidden_size
    total = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).detach()[hidden : 2 * hidden]
    assert total.tolist() == [bias] * hidden
    assert model.layer.bias_hh_l0[2 * hidden :].abs().max() > 0


@pytest.mark.parametrize("net", module.NETS)
def test_padding_has_no_influence(net):
    (train, *_), symbols = module.examples("names", 24, 3)
    model = module.Classifier("names", net, symbols, 1.0, np.random.default_rng(1))
    longest = int(train.lengths.max())
    spoilt = train.inputs.copy()
    for n, length in enumerate(train.lengths):
        spoilt[length:, n] = 1
    assert (spoilt != train.inputs).any()
    torch.testing.assert_close(model(train), model(train._replace(inputs=spoilt)))
    short = train.pick(np.flatnonzero(train.lengths < longest)[:1])
    alone = short._replace(inputs=short.inputs[: short.lengths[0]])
    torch.testing.assert_close(model(short), model(alone))


@pytest.mark.parametrize("task, size", [("names", 24), ("digits", 30)])
def test_a_seed_decides_on_split_and_training_set(task, size):
    once, again, other = (module.examples(task, size, seed)[0] for seed in (1, 1, 2))
    assert len(once[0].labels) == size
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first.inputs, second.inputs)
        np.testing.assert_array_equal(first.labels, second.labels)
    assert (
        once[0].inputs.shape != other[0].inputs.shape or (once[0].inputs != other[0].inputs).any()
    )


def test_onednn_is_off_inside_and_as_before_afterwards():
    before = torch.backends.mkldnn.enabled
    with module.onednn(False):
        assert not torch.backends.mkldnn.enabled
    assert torch.backends.mkldnn.enabled == before
    with module.onednn(True):
        assert torch.backends.mkldnn.enabled == before


@pytest.mark.parametrize("net", module.NETS)
@pytest.mark.parametrize("kernel", module.KERNELS)
def test_a_training_step_trains(kernel, net):
    x = np.random.default_rng(2).standard_normal((4, 3, 8)).astype(np.float32)
    step = module.training_step(kernel, net, 8, x, 5)
    variables = dict(zip(step.__code__.co_freevars, step.__closure__, strict=True))
    layer = variables["layer"].cell_contents
    assert layer.hidden_size == module.width(net, 8, 8)

    def size():
        if kernel == "NumPy":
            return float(np.square(layer(x)[0]).mean())
        with torch.no_grad():
            return float(layer(torch.from_numpy(x))[0].square().mean())

    before = size()
    for _ in range(20):
        step()
    assert 0 < size() < 0.99 * before


def scored(size, rate, bias, validation, test):
    setting = {"part": "accuracy", "task": "names", "net": "LSTM", "size": size}
    setting |= {"rate": rate, "bias": bias}
    return Run(setting, 0, {"validation": validation, "test": test}, 1.0)


def test_rate_and_bias_are_chosen_by_validation_at_the_smallest_size():
    runs = [
        scored(50, 0.1, 0.0, validation=0.5, test=0.9),
        scored(50, 0.2, 1.0, validation=0.6, test=0.1),
        scored(100, 0.1, 0.0, validation=0.9, test=0.9),
    ]
    assert module.chosen(runs) == {("names", "LSTM"): (0.2, 1.0)}


def planted(fused, unfused, names, digits):
    """A summary with these ratios of time and these leads."""

    def width(hidden):
        return {
            "hidden": hidden,
            "milliseconds": {
                kernel: {net: [2 * ratio if "GRU" in net else 2.0] for net in module.NETS}
                for kernel, ratio in zip(module.KERNELS, (fused, unfused, 1.0), strict=True)
            },
        }

    def found(task, size, lead):
        right = {net: [0.5 + lead * ("GRU" in net)] * 2 for net in module.NETS}
        return {
            "task": task,
            "size": size,
            "nets": {net: {"right": values} for net, values in right.items()},
            "untuned": {net: right[net] for net in module.UNTUNED},
        }

    sets = [found("names", 200, names), found("names", 600, -0.3), found("digits", 50, digits)]
    return {"cost": [width(64), width(128)], "sets": sets}


@pytest.mark.parametrize(
    "found, status",
    [
        ((0.8, 0.8, 0.1, 0.1), "held"),
        ((1.2, 0.8, -0.1, 0.0), "held partly"),
        ((1.2, 1.0, 0.0, 0.1), "held partly"),
        ((1.2, 0.99, 0.005, -0.1), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(found, status):
    assert module.verdict(planted(*found)).status == status
