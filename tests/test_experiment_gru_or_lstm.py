"""GRU or LSTM: the quick version, and what makes the nets comparable."""

import numpy as np
import pytest
import torch

from rnn_book.experiments import classifying
from rnn_book.experiments import gru_or_lstm as module
from rnn_book.experiments.claims import Run, Seed
from rnn_book.experiments.gru_or_lstm_shown import decisive, foremost
from rnn_book.experiments.shown import mean
from tests.experiments import planted_net, quick_summary

GRUS = ("GRU, equal width", "GRU, equal parameters")


@pytest.fixture(scope="module")
def summary(run_cache):
    return quick_summary("gru_or_lstm")


def test_a_gru_has_three_quarters_of_the_parameters(summary):
    for width in summary["cost"]:
        counts = width["parameters"]
        assert 4 * counts["GRU, equal width"] == 3 * counts["LSTM"]
        assert counts["GRU, equal parameters"] == pytest.approx(counts["LSTM"], rel=0.02)


def test_without_a_fused_kernel_a_gru_is_not_much_dearer_and_not_half_the_price(summary):
    for width in summary["cost"]:
        times = width["milliseconds"]["PyTorch, without"]
        assert 0.5 < mean(times["GRU, equal width"]) / mean(times["LSTM"]) < 1.25


def test_all_nets_beat_guessing(summary):
    for name, net in summary["nets"].items():
        least = 0.12 if "names" in name else 0.15
        assert least < mean(net["test"]) < 0.9, name
        assert net["chosen"]["rate"] == 1e-2


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status == "undecided"  # two seeds decide nothing
    assert set(module.tables(summary)) == {"table", "bias", "cost", "parameters"}
    assert set(module.figures(summary)) == {"lead", "bias", "cost"}
    assert "names, LSTM" in module.numbers(summary)


def test_nothing_is_shown_of_nothing():
    summary = module.summarise([])
    assert module.verdict(summary).status == "undecided"
    assert module.tables(summary) == module.figures(summary) == {}


@pytest.mark.parametrize("net", module.NETS)
@pytest.mark.parametrize("task, symbols", [("names", 50), ("digits", 0)])
def test_parameters_are_counted_as_torch_counts_them(net, task, symbols):
    model = classifying.Classifier(task, net, symbols, 0.0, np.random.default_rng(0))
    counted = sum(p.numel() for part in (model.layer, model.head) for p in part.parameters())
    sizes = model.layer.input_size, model.layer.hidden_size, classifying.CLASSES[task]
    assert classifying.parameters(module.NETS[net][0], *sizes) == counted


@pytest.mark.parametrize("inputs, hidden, outputs", [(16, 32, 12), (8, 32, 10), (64, 64, 0)])
def test_no_other_width_comes_closer(inputs, hidden, outputs):
    budget = classifying.parameters("LSTM", inputs, hidden, outputs)
    width = classifying.width("GRU, equal parameters", inputs, hidden, outputs)
    misses = [
        abs(classifying.parameters("GRU", inputs, w, outputs) - budget)
        for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)


@pytest.mark.parametrize("bias", module.BIASES.start)
@pytest.mark.parametrize("net", module.NETS)
def test_the_gate_that_keeps_gets_the_same_bias_in_both_cells(net, bias):
    model = classifying.Classifier("digits", net, 0, bias, np.random.default_rng(0))
    hidden = model.layer.hidden_size
    total = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).detach()[hidden : 2 * hidden]
    assert total.tolist() == [bias] * hidden
    assert model.layer.bias_hh_l0[2 * hidden :].abs().max() > 0


@pytest.mark.parametrize("net", module.NETS)
def test_padding_has_no_influence(net):
    (train, *_), symbols = classifying.examples("names", 24, 3)
    model = classifying.Classifier("names", net, symbols, 1.0, np.random.default_rng(1))
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
    once, again, other = (classifying.examples(task, size, seed)[0] for seed in (1, 1, 2))
    assert len(once[0].labels) == size
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first.inputs, second.inputs)
        np.testing.assert_array_equal(first.labels, second.labels)
    assert (
        once[0].inputs.shape != other[0].inputs.shape or (once[0].inputs != other[0].inputs).any()
    )


def test_onednn_is_off_inside_and_as_before_afterwards():
    before = torch.backends.mkldnn.enabled
    with classifying.onednn(False):
        assert not torch.backends.mkldnn.enabled
    assert torch.backends.mkldnn.enabled == before
    with classifying.onednn(True):
        assert torch.backends.mkldnn.enabled == before


@pytest.mark.parametrize("net", module.NETS)
@pytest.mark.parametrize("kernel", module.KERNELS)
def test_a_training_step_trains(kernel, net):
    x = np.random.default_rng(2).standard_normal((4, 3, 8)).astype(np.float32)
    step = classifying.training_step(kernel, net, 8, x, 5)
    variables = dict(zip(step.__code__.co_freevars, step.__closure__, strict=True))
    layer = variables["layer"].cell_contents
    assert layer.hidden_size == classifying.width(net, 8, 8)

    def size():
        if kernel == "NumPy":
            return float(np.square(layer(x)[0]).mean())
        with torch.no_grad():
            return float(layer(torch.from_numpy(x))[0].square().mean())

    before = size()
    for _ in range(20):
        step()
    assert 0 < size() < 0.99 * before


def planted(names, digits, noise=0.001):
    """A summary in which GRUs lead by so much on the smallest sets."""
    nets = {}
    for task, size, lead in (("names", 200, names), ("names", 600, -0.3), ("digits", 50, digits)):
        for net in classifying.NETS:
            rng = np.random.default_rng(len(net) + size)
            values = 0.5 + lead * ("GRU" in net) + noise * rng.standard_normal(10)
            nets[f"{net}, {size} {task}"] = planted_net(values, task=task, size=size)
    return {"cost": [], "nets": nets}


@pytest.mark.parametrize(
    "found, status",
    [
        ((0.1, 0.1), "held"),
        ((-0.1, 0.1), "held partly"),
        ((-0.1, -0.1), "not held"),
        ((0.0, 0.0), "not held"),
        ((0.02, 0.02, 0.05), "undecided"),
    ],
)
def test_the_verdict_follows_its_rule(found, status):
    assert module.verdict(planted(*found)).status == status


def test_the_two_best_settings_of_tuning_are_told():
    def run(part, rate, bias, index, score):
        setting = {"part": part, "net": "LSTM", "rate": rate, "bias": bias}
        return Run(setting, index, {"validation": score}, 0.0)

    runs = [
        run(part, rate, bias, index, score + 0.1 * index)
        for part, rate, bias, score in (
            ("tune", 0.1, 0.0, 0.5),
            ("tune", 0.1, 1.0, 0.7),
            ("tune", 0.3, 0.0, 0.6),
            ("report", 0.1, 1.0, 0.9),
        )
        for index in (0, 1)
    ]
    found = foremost(runs, "LSTM", module.score)
    assert found == [pytest.approx([0.7, 0.8]), pytest.approx([0.6, 0.7])]
    assert foremost(runs, "GRU", module.score) == []


def test_leads_that_were_looked_at_twice_are_judged_more_strictly():
    found = decisive(planted(0.01, 0.01))
    assert {round(one.level, 5) for one in found.values()} == {0.99375, 0.99167, 0.9875, 0.975}


def test_time_that_scatters_around_the_threshold_decides_nothing():
    def answer(ratios):
        times = {net: [ratio if "GRU" in net else 1.0 for ratio in ratios] for net in module.NETS}
        row = {"hidden": 64, "milliseconds": dict.fromkeys(module.KERNELS, times)}
        row["parameters"] = dict.fromkeys(module.NETS, 1)
        cost = module.tables({"cost": [row], "nets": {}})["cost"]
        return cost.splitlines()[2].split("|")[4].strip()

    assert answer([0.90, 0.91, 0.92]) == "cheaper"
    assert answer([0.952, 0.949, 0.955]) == "undecided"
    assert answer([1.1, 1.11, 1.12]) == "not cheaper"


def test_training_ends_when_validation_accuracy_stalls():
    setting = {"task": "digits", "size": 50, "kind": "LSTM", "rate": 1e-9, "bias": 0.0}
    found = classifying.train_classifier({**setting, "most": 900}, Seed(1, 2, 0))
    # Nothing is learned, so that the first look stays the best.
    assert found["update"] == classifying.EVERY
    assert found["updates"] == classifying.EVERY * (classifying.PATIENCE + 1)
