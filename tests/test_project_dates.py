"""The networks of the chapter on attention: their training, and the two that are shipped."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book.projects import chapters
from rnn_book.projects.dates import BREAK, ISO, WRITTEN, date_model, encode_dates
from rnn_book.projects.dates.training import KINDS, SEEDS, main, scores, train


def test_the_shipped_networks_are_small_and_do_what_the_chapter_says():
    found = {}
    for name in ("attention", "vector"):
        model = date_model(numpy_half.EncoderDecoder, name)
        assert sum(value.size for value in model.parameters.values()) < 40_000
        assert all(value.dtype == np.float64 for value in model.parameters.values())
        found[name] = scores(model, 2, lines=40)
    assert found["attention"]["lines"] > 0.9
    assert found["vector"]["lines"] < 0.1
    assert found["vector"]["characters"] < 0.7 < found["attention"]["characters"]


@pytest.mark.parametrize("name", ["attention", "vector"])
def test_both_halves_load_one_network(name):
    source, lengths, target = encode_dates(["4 May 1998", "7-Oct-2031"], ["1998", "2031"])
    halves = [date_model(half.EncoderDecoder, name) for half in (numpy_half, torch_half)]
    ours, theirs = (model(source, target[:-1], lengths)[0] for model in halves)
    assert_allclose(ours, theirs.detach(), rtol=0, atol=1e-9)
    assert not any(model.training for model in halves)


def test_another_name_is_an_error():
    with pytest.raises(ValueError, match="'wide'"):
        date_model(numpy_half.EncoderDecoder, "wide")


def test_lines_become_numbers_between_breaks():
    source, lengths, target = encode_dates(["4 May 1998", "4.5.98"], ["1998-05-04", "1998"])
    assert source.shape == (10, 2)
    assert lengths.tolist() == [10, 6]
    assert (source[6:, 1] == 0).all()
    assert WRITTEN.decode(source[:, 0]) == "4 May 1998"
    assert ISO.decode(target[:, 0]) == "\n1998-05-04\n"
    assert target[:, 1].tolist()[:6] == [BREAK, *ISO.encode("1998"), BREAK]
    with pytest.raises(ValueError, match="2 and 1"):
        encode_dates(["a", "b"], ["c"])
    with pytest.raises(ValueError, match="one or more"):
        encode_dates([], [])


def test_a_seed_trains_the_same_network_again():
    first, losses = train(KINDS["attention"], 3, 20)
    again, same = train(KINDS["attention"], 3, 20)
    assert losses == same
    for name, value in first.parameters.items():
        assert_array_equal(value, again.parameters[name])
    assert isinstance(first, numpy_half.EncoderDecoder)


def test_a_second_start_trains_what_is_missing_alone(tmp_path, capsys):
    to = tmp_path / "dates.json"
    options = ["--to", str(to), "--updates", "1", "--kinds", "single", "--seeds"]
    assert main([*options, "0"]) == 0
    before = json.loads(to.read_text())["runs"]["single"]["0"]
    assert main([*options, "0", "1"]) == 0
    runs = json.loads(to.read_text())["runs"]["single"]
    assert runs["0"] == before
    assert capsys.readouterr().out.count("single, seed") == 2
    assert list(before["held out"]) == ["1", "2", "3", "4"]


def test_the_stored_result_holds_every_seed():
    stored = chapters.load("dates")
    assert list(stored["runs"])[:2] == ["attention", "vector"]
    for runs in stored["runs"].values():
        assert [int(seed) for seed in runs] == list(SEEDS)
        assert {run["updates"] for run in runs.values()} == {1000}
