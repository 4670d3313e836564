"""The character model that the claims on text share, and its training."""

import itertools
import math

import numpy as np
import pytest
import torch

import rnn_book.torch
from rnn_book.experiments import characters
from rnn_book.experiments.characters import (
    EXTRACT,
    CharacterModel,
    Training,
    _pieces,
    bits,
    counted,
    extracts,
    learn,
    texts,
    train_model,
)
from rnn_book.experiments.claims import Seed


def model_of(**options):
    return CharacterModel(texts(2000, 2000).size, 8, 8, rng=np.random.default_rng(1), **options)


def symbols(steps=12, batch=3):
    return torch.from_numpy(texts(2000, 2000).train[: steps * batch].reshape(steps, batch))


def test_bits_are_those_of_one_step_at_a_time():
    text = texts(2000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(2)).eval()
    numbers = text.validation[:500]
    total, count = 0.0, 0
    with torch.no_grad():
        for stream in numbers.reshape(50, 10):
            state = ()
            for now, then in itertools.pairwise(stream):
                scores, state = model(torch.tensor([[now]]), state)
                total -= float(torch.log_softmax(scores[0, 0], -1)[then])
                count += 1
    for steps in (4, 100):
        assert bits(model, numbers, steps) == pytest.approx(total / count / math.log(2), rel=1e-5)


def test_extracts_come_from_all_over_a_text():
    text = "".join(chr(0x4E00 + i) for i in range(20_000))
    found = extracts(text, 5000)
    assert len(found) == 5000
    pieces = [found[i : i + EXTRACT] for i in range(0, 5000, EXTRACT)]
    begins = [text.index(piece) for piece in pieces]
    assert begins == [0, 4750, 9500, 14250, 19000]
    assert extracts(text, None) == extracts(text, 30_000) == text


def test_training_reads_every_character_of_a_pass_and_then_begins_anew():
    numbers = np.arange(101)
    how = Training(rate=0.0, batch=2, steps=7, every=1, patience=1, most=1)
    pieces = _pieces(numbers, how, np.random.default_rng(3))
    for _ in range(2):
        seen = []
        for place in range(7):  # 50 steps a stream, 49 targets, 7 a piece
            symbols, targets, first = next(pieces)
            assert first == (place == 0)
            assert np.array_equal((symbols + 1) % 101, targets)
            seen += targets.ravel().tolist()
        assert len(set(seen)) == 98


def test_a_stack_is_torchs():
    ours = model_of(layers=3).eval()
    stock = torch.nn.LSTM(8, 8, 3)
    for k, layer in enumerate(ours.layers):
        for name, value in layer.state_dict().items():
            getattr(stock, name.replace("_l0", f"_l{k}")).data.copy_(value)
    output, (h, c) = stock(ours.embedding(symbols()))
    scores, states = ours(symbols())
    torch.testing.assert_close(scores, ours.linear(output))
    torch.testing.assert_close(torch.cat([state[0] for state in states]), h)


def test_residual_connections_add_what_entered_from_the_second_layer_on():
    ours = model_of(layers=2, residual=True).eval()
    first, _ = ours.layers[0](ours.embedding(symbols()))
    second, _ = ours.layers[1](first)
    torch.testing.assert_close(ours(symbols())[0], ours.linear(first + second))


@pytest.mark.parametrize("options", [{"layers": 2}, {"residual": True, "layers": 3}])
def test_a_split_text_is_read_as_a_whole_one(options):
    ours = model_of(**options).eval()
    whole, _ = ours(symbols())
    first, state = ours(symbols()[:5])
    second, _ = ours(symbols()[5:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


@pytest.mark.parametrize("kind", ["LSTM", "LayerNormLSTM"])
def test_layers_are_of_the_kind_that_was_asked_for(kind):
    assert type(model_of(kind=kind).layers[0]) is getattr(rnn_book.torch, kind)


def test_dropout_between_layers_acts_between_them_alone():
    torch.testing.assert_close(*(model_of(between=0.5).train()(symbols())[0] for _ in range(2)))
    ours = model_of(between=0.5, layers=2).train()
    assert not torch.equal(ours(symbols())[0], ours(symbols())[0])
    torch.testing.assert_close(*(ours.eval()(symbols())[0] for _ in range(2)))


def how_of(**changes):
    usual = Training(rate=0.03, batch=4, steps=10, every=5, patience=2, most=6)
    return usual._replace(**changes)


def test_the_best_look_is_kept():
    text = texts(3000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(4))
    how = how_of(rate=0.3, every=10, patience=9)
    found = train_model(model, text, how, rng=np.random.default_rng(5))
    assert found["updates"] == [10, 20, 30, 40, 50, 60]
    best = found["validation"][found["best"]]
    assert best == min(found["validation"]) != found["validation"][-1]
    assert bits(model, text.validation) == best
    assert bits(model, text.test) == found["test"] != found["test_at_end"]


@pytest.mark.parametrize(
    "curve, stalled",
    [
        ([3.0, 2.9, 2.8], False),
        ([2.5, 2.6, 2.55], True),
        ([2.6, 2.6, 2.55], False),
        ([2.5, 2.6], False),
        ([4.0, 4.0, 4.0], False),
        ([2.5, 2.6, 2.4, 2.45, 2.4], True),
    ],
)
def test_training_stalls_when_patience_is_out_but_not_on_the_plateau(curve, stalled):
    assert characters._stalled(curve, how_of(plateau=3.5)) == stalled


def test_training_ends_where_it_stalls():
    text = texts(3000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(4))
    how = how_of(rate=1e-12, most=9)
    found = train_model(model, text, how, rng=np.random.default_rng(5))
    assert len(found["updates"]) < 9
    assert found["stalled"]


def test_layers_are_added_one_by_one():
    text = texts(3000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(4))
    lengths = []
    hook = lambda module, *_: lengths.append(len(module.layers))  # noqa: E731 - said in one line
    model.register_forward_hook(hook)
    how = how_of(layers=3, apart=2, most=6, patience=9)
    found = train_model(model, text, how, rng=np.random.default_rng(5))
    assert len(model.layers) == 3
    assert sorted(set(lengths)) == [1, 2, 3]
    assert found["best"] >= 4
    assert bits(model, text.validation) == found["validation"][found["best"]]
    # What was added has learned as well.
    fresh = model.layer_of(8)
    assert not torch.equal(fresh.weight_hh_l0, model.layers[2].weight_hh_l0)


def test_a_run_follows_from_setting_and_seed():
    setting = {"rate": 1e-2, "hidden": 8, "batch": 8, "most": 1, "passes": 0.5}
    once, again, other = (learn(setting, Seed(own, 2, 0), 4000, 2000) for own in (1, 1, 3))
    assert once == again
    assert once["validation"] != other["validation"]
    assert once["characters"] == 4000


def test_the_best_of_counted_orders_is_chosen_by_validation():
    found = counted(4000, 2000, order=3)
    assert found["order"] in (2, 3)
    assert 2.0 < found["test"] < 4.5
