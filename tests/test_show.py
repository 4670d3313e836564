"""rnn_book.show: one text for either backend, on every machine."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from rnn_book import show


def shown(capsys, value, name="x"):
    show(name, value)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "value, text",
    [
        (0.5, "0.5"),
        (1.0, "1.0"),
        (0.123449, "0.1234"),
        (-0.0, "0.0"),
        (-0.00001, "0.0"),
        (999999.99996, "1.0000e+06"),
        (9.99996e9, "1.0000e+10"),
        (-2.5e20, "-2.5000e+20"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (3, "3"),
        (10**20, "100000000000000000000"),
        (True, "True"),
        (None, "None"),
        ("gate", "'gate'"),
        ((), "()"),
        ((4,), "(4,)"),
        ([], "[]"),
        ({}, "{}"),
        ([1, 0.25, "a"], "[1, 0.25, 'a']"),
        ([0.5, 1 / 3], "[0.5000, 0.3333]"),
        ({"loss": 0.5, "steps": 20}, "{'loss': 0.5, 'steps': 20}"),
        (np.float32(0.1), "0.1"),
        (np.longdouble(0.25), "0.25"),
        (np.bool_(True), "True"),
        (np.array(7), "7"),
        (np.array([3, -12]), "[3, -12]"),
        (np.array([[0.12341, -0.5]]), "[[0.1234, -0.5000]]"),
        (np.array(["i", "f"]), "['i', 'f']"),
        (np.zeros((1, 0, 4)), "[] of shape (1, 0, 4)"),
        ((np.ones((1, 1)), np.zeros((1, 1))), "([[1.0]], [[0.0]])"),
    ],
)
def test_values_look_as_documented(capsys, value, text):
    assert shown(capsys, value) == f"x = {text}\n"


@pytest.mark.parametrize(
    "array",
    [
        np.array(-0.25),
        np.array([0.03125, -0.03125, 1e-17, -1e-17]),
        np.linspace(-1, 1, 12).reshape(6, 1, 2),
        np.linspace(-1, 1, 60).reshape(2, 30),
        np.linspace(-1, 1, 500),
        np.arange(6).reshape(2, 3),
        np.array([True, False]),
        np.zeros((0, 3)),
        np.array([np.nan, np.inf, -np.inf]),
    ],
)
def test_backends_print_the_same(capsys, array):
    tensor = torch.from_numpy(array)
    if tensor.is_floating_point():
        tensor = tensor.requires_grad_()
    expected = shown(capsys, array)
    assert shown(capsys, tensor) == expected
    assert shown(capsys, {"a": [tensor]}) == shown(capsys, {"a": [array]})


def test_every_torch_float_is_printed(capsys):
    for dtype in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
        assert shown(capsys, torch.tensor([1.5, -2.0], dtype=dtype)) == "x = [1.5, -2.0]\n"


def test_a_view_of_a_parameter_is_printed_and_keeps_its_gradient(capsys):
    parameter = torch.nn.Parameter(torch.ones(2))
    assert shown(capsys, parameter[:1]) == "x = [1.0]\n"
    assert parameter.requires_grad


def test_a_torch_size_is_a_tuple(capsys):
    assert shown(capsys, torch.zeros(3, 4).shape) == "x = (3, 4)\n"


@pytest.mark.parametrize("tie", [0.00005, 0.12345, 1 / 32, -0.00015, 2.00005, 12345.67885])
@pytest.mark.parametrize("error", [1e-17, 1e-12, 1e-10])
def test_ties_do_not_depend_on_the_last_bits(capsys, tie, error):
    texts = {shown(capsys, tie + sign * error) for sign in (-1, 0, 1)}
    assert len(texts) == 1
    assert shown(capsys, np.array([tie - error])) == shown(capsys, np.array([tie + error]))


def test_ties_are_rounded_away_from_zero(capsys):
    assert shown(capsys, [0.00005, -0.00005, 0.12345]) == "x = [0.0001, -0.0001, 0.1235]\n"


def test_a_matrix_is_aligned(capsys):
    assert shown(capsys, np.array([[0.25, -1.0], [10.5, 2.0]]), "W") == (
        "W = [[ 0.25, -1.00],\n"
        "     [10.50,  2.00]]\n"
    )  # fmt: skip


def test_a_state_of_two_is_stacked(capsys):
    h = np.array([[0.5], [-0.5]])
    assert shown(capsys, (h, h), "state") == (
        "state = ([[ 0.5],\n"
        "          [-0.5]],\n"
        "         [[ 0.5],\n"
        "          [-0.5]])\n"
    )  # fmt: skip


def test_a_dict_of_arrays_is_stacked(capsys):
    assert shown(capsys, {"i": np.array([[1.0], [0.0]]), "f": 0.5}, "gates") == (
        "gates = {'i': [[1.0],\n"
        "               [0.0]],\n"
        "         'f': 0.5}\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        np.linspace(-1, 1, 100),
        np.linspace(-1, 1, 390).reshape(3, 2, 65),
        list(range(100)),
        tuple(np.linspace(-1, 1, 100)),
        ["some text"] * 20,
        {str(key): np.full((2, 20), key / 7) for key in range(3)},
    ],
)
def test_lines_have_a_fixed_width(capsys, monkeypatch, value):
    expected = shown(capsys, value, "value")
    assert max(map(len, expected.splitlines())) <= 76
    monkeypatch.setenv("COLUMNS", "20")
    with np.printoptions(precision=1, linewidth=20, threshold=3, suppress=True, sign="+"):
        assert shown(capsys, value, "value") == expected


def test_what_is_printed_can_be_read_back(capsys):
    array = np.round(np.linspace(-1, 1, 120).reshape(2, 3, 20), 4)
    text = shown(capsys, array).removeprefix("x = ")
    np.testing.assert_array_equal(np.array(eval(text)), array)


def test_a_large_array_says_that_it_is_not_printed(capsys):
    array = np.linspace(-1, 1 / 3, 500).reshape(5, 100)
    text = "x = 500 values from -1.0000 to 0.3333, shape (5, 100)\n"
    assert shown(capsys, array) == text
    assert shown(capsys, torch.from_numpy(array)) == text


@pytest.mark.parametrize("value", [1j, np.array([1j]), np.array([None]), object(), {1}, b"a", [1j]])
def test_other_kinds_of_values_raise(value):
    with pytest.raises(TypeError, match="show prints"):
        show("x", value)


def test_swapped_arguments_raise():
    with pytest.raises(TypeError, match="name must be a string, got float"):
        show(0.5, "x")


def test_showing_does_not_import_torch():
    code = (
        "import sys; from rnn_book import show; show('x', 1.0); show('y', 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "x = 1.0\ny = False\n"
