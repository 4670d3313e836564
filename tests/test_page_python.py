"""What runs in a page, run here: the runner, and the gate lab's computation."""

import numpy as np
import pytest

from rnn_book import gradient_by_lag, record_gates
from rnn_book.numpy import example
from tools.page import gates, running, writer

KEEPER = {"f": [5, 0, -12], "i": [-5, 10, 0], "g": [0, 2, 0], "o": [-5, -10, 0]}


def run(source, limit=1000):
    pieces = []
    result = running.run(source, pieces.append, limit)
    return "".join(pieces), result


def test_output_is_handed_on_piece_by_piece():
    pieces = []
    running.run("print(1)\nprint(2)", pieces.append)
    assert len(pieces) > 1
    assert "".join(pieces) == "1\n2\n"


def test_output_over_the_limit_is_counted():
    printed, result = run("print('x' * 2000)")
    assert printed == "x" * 1000
    assert result == {"error": None, "line": None, "lost": 1001}


@pytest.mark.parametrize(
    "source, line, words",
    [
        ("x = 1\ny = 1 / 0", 2, "ZeroDivisionError"),
        ("def f():\n    raise ValueError('no')\n\nf()", 2, "ValueError: no"),
        ("x = = 1", 1, "SyntaxError"),
        ("def f():\n  x = 1\n y = 2", 3, "IndentationError"),
        ("import numpy as np\nnp.zeros(3) @ np.zeros(2)", 2, "ValueError: matmul"),
        ("from rnn_book.numpy import LSTM\n\nLSTM(0, 1)", 3, "input_size"),
    ],
)
def test_an_error_names_the_readers_line(source, line, words):
    _, result = run(source)
    assert result["line"] == line
    assert words in result["error"]
    assert "running.py" not in result["error"]


def test_leaving_is_no_error():
    assert run("raise SystemExit")[1]["error"] is None


def test_settings_end_with_the_run():
    before = np.geterr(), np.get_printoptions()["precision"]
    run("import numpy as np\nnp.seterr(all='raise')\nnp.set_printoptions(precision=2)")
    assert (np.geterr(), np.get_printoptions()["precision"]) == before


def test_the_lab_shows_what_the_books_keeper_does():
    x = example.sequence()
    found = gates.trace("lstm", x.ravel().tolist(), KEEPER)["traces"]
    wanted = record_gates(example.layer(), x)["l0"]
    assert list(found) == list(wanted)
    for letter, values in wanted.items():
        np.testing.assert_allclose(found[letter], values[:, 0, 0], rtol=1e-12)


@pytest.mark.parametrize("unit", gates.LETTERS)
def test_the_lab_gives_every_trace_and_the_gradient_of_the_layer(unit):
    rng = np.random.default_rng(0)
    rows = {letter: rng.standard_normal(3).tolist() for letter in gates.LETTERS[unit]}
    x = rng.standard_normal(9).tolist()
    found = gates.trace(unit, x, rows)
    weights = np.array([rows[letter] for letter in gates.LETTERS[unit]])
    layer = gates._LAYERS[unit](1, 1, dtype="float64", rng=1)
    names = ("bias_ih_l0", "weight_ih_l0", "weight_hh_l0", "bias_hh_l0")
    values = (weights[:, 0], weights[:, 1:2], weights[:, 2:], 0 * weights[:, 0])
    layer.load_state_dict(dict(zip(names, values, strict=True)))
    output, _ = layer(np.array(x).reshape(-1, 1, 1))
    np.testing.assert_allclose(found["traces"]["h"], output.ravel(), rtol=1e-12)
    assert found["gradient"] == gradient_by_lag(layer, np.array(x).reshape(-1, 1, 1)).tolist()


@pytest.mark.parametrize("unit, steps", [("lstm", 0), ("lstm", 51), ("tree", 3)])
def test_the_lab_refuses_what_it_cannot_show(unit, steps):
    with pytest.raises(ValueError, match="must"):
        gates.trace(unit, [0.0] * steps, KEEPER)


def test_a_writer_learns_and_writes_only_what_it_has_read():
    writer.begin("abc\n" * 300)
    first = writer._writers[0].update()
    for _ in range(60):
        last = writer._writers[0].update()
    assert first > 1.9  # bits: four symbols, and one for all others
    assert last < 0.2
    written = writer.write(40, 0.5)
    assert set(written) <= set("abc\n")
    assert "abc\nabc" in written


def test_a_writer_goes_on_where_it_stopped():
    writer.begin("abcdefgh\n" * 300)
    before = writer.train(0.05)
    after = writer.train(0.05)
    assert after["updates"] > before["updates"]
    assert after["seen"] > before["seen"]
    assert after["bits"] < before["bits"]


def test_a_writer_refuses_a_short_text():
    with pytest.raises(ValueError, match="at least 400 characters"):
        writer.begin("abc")


def test_a_writer_of_many_symbols_learns_the_commonest():
    made = writer.begin("".join(map(chr, range(0x4E00, 0x4E00 + 500))) + "ab" * 500)
    assert made["symbols"] <= writer.SYMBOLS
    assert set(writer.write(20, 1.0)) <= set("ab")
