"""Weights on their way, without the other libraries: layouts, round trips, files, and bad input."""

import os
import re
import stat
import subprocess
import sys

import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.testing import assert_array_equal

import rnn_book.numpy.variants
import rnn_book.torch.variants
from rnn_book.numpy import GRU, LSTM, RNN, LayerNorm, Linear, LSTMCell, Recurrent
from rnn_book.numpy.lstm import LSTMStep
from rnn_book.numpy.variants import (
    CoupledLSTM,
    LayerNormGRU,
    LayerNormLSTM,
    NoForgetGateLSTM,
    PeepholeLSTM,
)
from rnn_book.weights import from_keras, from_onnx, load, save, to_keras, to_onnx

I, H = 3, 5
HALVES = (rnn_book.numpy, rnn_book.torch)
KINDS = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM, "PeepholeLSTM": PeepholeLSTM}
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4, "PeepholeLSTM": 4}


def same(actual, expected):
    """Two dicts or lists of arrays are equal in names, types and values."""
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        actual, expected = actual.values(), expected.values()
    assert len(actual) == len(expected)
    for a, b in zip(actual, expected, strict=True):
        assert a.dtype == b.dtype
        assert_array_equal(a, b)


def of_layer(state, k):
    return {name: v for name, v in state.items() if f"_l{k}" in name}


LAYOUTS = [
    pytest.param(
        layers, both, bias, id=f"{layers}_{'both' if both else 'one'}{'' if bias else '_no_bias'}"
    )
    for layers, both, bias in ((1, False, True), (1, True, True), (3, True, True), (2, True, False))
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layers, both, bias", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_onnx_returns_every_layer_as_it_was(kind, layers, both, bias, dtype):
    layer = KINDS[kind](I, H, layers, bias=bias, bidirectional=both, rng=1, dtype=dtype)
    state = {}
    for k in range(layers):
        arrays = to_onnx(layer, k)
        directions, rows = 1 + both, GATES[kind] * H
        shapes = {
            "W": (directions, rows, I if k == 0 else directions * H),
            "R": (directions, rows, H),
            **({"B": (directions, 2 * rows)} if bias else {}),
            **({"P": (directions, 3 * H)} if kind == "PeepholeLSTM" else {}),
        }
        assert {name: v.shape for name, v in arrays.items()} == shapes
        same(from_onnx(arrays, k), of_layer(layer.state_dict(), k))
        state |= from_onnx(arrays, k)
    same(state, layer.state_dict())


@pytest.mark.parametrize("layers, both, bias", LAYOUTS)
def test_keras_returns_a_gru_with_two_biases_as_it_was(layers, both, bias):
    layer = GRU(I, H, layers, bias=bias, bidirectional=both, rng=1)
    state = {}
    for k in range(layers):
        state |= from_keras(to_keras(layer, k), k)
    same(state, layer.state_dict())


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_keras_gets_the_sum_where_it_has_one_bias(kind):
    options = {"reset_after": False} if kind == "GRU" else {}
    layer = KINDS[kind](I, H, rng=1, **options)
    state = from_keras(to_keras(layer))
    assert not state["bias_hh_l0"].any()
    given = layer.state_dict()
    assert_array_equal(state["bias_ih_l0"], given["bias_ih_l0"] + given["bias_hh_l0"])


def test_rows_stand_where_the_formats_want_them():
    def marked(gates, letters):
        rows = np.array([float(ord(letter)) for letter in letters])
        return {
            "weight_ih_l0": np.repeat(rows, 2)[:, None] * np.ones((1, 3)),
            "weight_hh_l0": np.repeat(rows, 2)[:, None] * np.ones((1, 2)),
            "bias_ih_l0": np.repeat(rows, 2),
            "bias_hh_l0": np.repeat(rows, 2) + 0.5,
        }

    def letters(vector):
        return "".join(chr(int(v)) for v in vector[::2])

    lstm = {**marked(4, "ifgo"), "weight_peephole_l0": np.repeat([105.0, 102.0, 111.0], 2)}
    gru = marked(3, "rzn")
    assert letters(to_onnx(lstm)["W"][0, :, 0]) == "iofg"
    assert letters(to_onnx(lstm)["R"][0, :, 0]) == "iofg"
    assert letters(to_onnx(lstm)["B"][0]) == "iofgiofg"
    assert letters(to_onnx(lstm)["P"][0]) == "iof"
    assert letters(to_onnx(gru)["W"][0, :, 0]) == "zrn"
    assert letters(to_keras(gru)[0][0]) == "zrn"
    assert letters(to_keras(gru)[2][1]) == "zrn"
    del lstm["weight_peephole_l0"]
    assert letters(to_keras(lstm)[1][0]) == "ifgo"


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_every_half_and_stock_torch_and_state_dicts_give_the_same(kind):
    stock = getattr(torch.nn, kind)(I, H, 2, bidirectional=True)
    numpy_layer = KINDS[kind](I, H, 2, bidirectional=True)
    numpy_layer.load_state_dict(stock.state_dict())
    torch_layer = getattr(rnn_book.torch, kind)(I, H, 2, bidirectional=True)
    torch_layer.load_state_dict(stock.state_dict())
    for source in (stock, torch_layer, stock.state_dict(), numpy_layer.state_dict()):
        for k in range(2):
            same(to_onnx(source, k), to_onnx(numpy_layer, k))
            same(to_keras(source, k), to_keras(numpy_layer, k))


def test_peephole_layers_of_both_halves_give_the_same():
    layers = [half.variants.PeepholeLSTM(I, H, rng=2) for half in HALVES]
    same(*[to_onnx(layer) for layer in layers])


@pytest.mark.parametrize("half", ["numpy", "torch"])
def test_reset_of_a_gru_is_asked_of_the_layer(half):
    gru = getattr(rnn_book, half).GRU
    assert to_keras(gru(I, H, reset_after=True))[2].shape == (2, 3 * H)
    assert to_keras(gru(I, H, reset_after=False))[2].shape == (3 * H,)
    state = gru(I, H).state_dict()
    assert to_keras(state)[2].shape == (2, 3 * H)
    assert to_keras(state, reset_after=False)[2].shape == (3 * H,)


def test_step_plugged_into_the_machine_counts_as_the_layer():
    same(to_onnx(Recurrent(LSTMStep, I, H, rng=1)), to_onnx(LSTM(I, H, rng=1)))


@pytest.mark.parametrize("way", [to_onnx, to_keras])
def test_what_is_returned_is_a_copy(way):
    layer = RNN(I, H, rng=1)
    before = layer.state_dict()
    arrays = way(layer)
    for value in arrays.values() if isinstance(arrays, dict) else arrays:
        value[...] = 7
    same(layer.state_dict(), before)
    arrays = way(layer)
    back = (from_onnx if way is to_onnx else from_keras)(arrays)
    for value in back.values():
        value[...] = 7
    same(arrays, way(layer))


def test_neither_library_is_imported():
    code = (
        "import sys\n"
        "from rnn_book.numpy import LSTM\n"
        "from rnn_book.weights import from_keras, from_onnx, to_keras, to_onnx\n"
        "layer = LSTM(3, 5)\n"
        "from_onnx(to_onnx(layer)); from_keras(to_keras(layer))\n"
        "print(sorted({'onnx', 'onnxruntime', 'keras', 'torch', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def onnx(**changes):
    return {**to_onnx(PeepholeLSTM(I, H, rng=1)), **changes}


def keras(**changes):
    weights = to_keras(LSTM(I, H, rng=1))
    for k, value in changes.items():
        weights[int(k[1:])] = value
    return weights


def state(kind=LSTM, without=(), **changes):
    found = {**kind(I, H, bidirectional=True, rng=1).state_dict(), **changes}
    return {name: value for name, value in found.items() if name not in without}


def zeros(*shape, dtype=np.float32):
    return np.zeros(shape, dtype)


# call, error, words of the message: the argument, what was expected, what came
BAD = {
    "a_number": (lambda: to_onnx(3), TypeError, "source .*module or its state dict, got int"),
    "a_class": (lambda: to_keras(LSTM), TypeError, "source .*got LSTM"),
    "not_recurrent": (lambda: to_onnx(Linear(I, H)), TypeError, "source .*plain RNN.*got Linear"),
    "layer_norm": (lambda: to_keras(LayerNorm(H)), TypeError, "source .*got LayerNorm"),
    "stock_linear": (lambda: to_onnx(torch.nn.Linear(2, 2)), TypeError, "source .*got Linear"),
    "coupled": (lambda: to_onnx(CoupledLSTM(I, H)), TypeError, "source .*got CoupledLSTM"),
    "no_forget_gate": (lambda: to_keras(NoForgetGateLSTM(I, H)), TypeError, "source .*NoForget"),
    "layer_norm_lstm": (lambda: to_onnx(LayerNormLSTM(I, H)), TypeError, "source .*LayerNormLSTM"),
    "layer_norm_state": (
        lambda: to_onnx(LayerNormGRU(I, H).state_dict()),
        ValueError,
        "source must hold .*got .*gain_hh",
    ),
    "projection": (
        lambda: to_onnx(torch.nn.LSTM(I, H, proj_size=2)),
        ValueError,
        "source must hold .*got .*weight_hr",
    ),
    "a_cell": (lambda: to_onnx(LSTMCell(I, H)), ValueError, "must hold weight_ih_l0, .*got"),
    "missing_layer": (lambda: to_onnx(LSTM(I, H), 1), ValueError, "must hold weight_ih_l1, .*got"),
    "negative_layer": (lambda: to_keras(LSTM(I, H), -1), ValueError, "layer .*at least 0, got -1"),
    "no_integer": (lambda: to_onnx(LSTM(I, H), 1.0), TypeError, "layer .*type int, got: float"),
    "bool_layer": (lambda: from_onnx(onnx(), True), TypeError, "layer .*type int, got: bool"),
    "negative_layer_back": (lambda: from_keras(keras(), -2), ValueError, "layer .*got -2"),
    "missing_key": (
        lambda: to_onnx(state(without=["bias_hh_l0"])),
        ValueError,
        "source must hold bias_hh_l0, got",
    ),
    "missing_key_reverse": (
        lambda: to_onnx(state(without=["weight_hh_l0_reverse"])),
        ValueError,
        "source must hold weight_hh_l0_reverse, got",
    ),
    "biases_of_one_direction": (
        lambda: to_onnx(state(without=["bias_hh_l0", "bias_ih_l0"])),
        ValueError,
        "source .*both directions, got",
    ),
    "sizes_of_directions": (
        lambda: to_onnx(state(weight_ih_l0=zeros(20, 4))),
        ValueError,
        "source .*shapes for both directions, got",
    ),
    "shape_of_weight_ih": (
        lambda: to_onnx(state(weight_ih_l0=zeros(15, 3))),
        ValueError,
        r"weight_ih_l0 must have shape \(20, I\), got \(15, 3\)",
    ),
    "shape_of_weight_hh": (
        lambda: to_keras(state(weight_hh_l0=zeros(20))),
        ValueError,
        r"weight_hh_l0 must have shape \(gates\*H, H\), got \(20,\)",
    ),
    "gates_of_weight_hh": (
        lambda: to_keras(state(weight_hh_l0=zeros(10, 5))),
        ValueError,
        r"weight_hh_l0 .*1, 3 or 4 gates.*got \(10, 5\)",
    ),
    "shape_of_bias": (
        lambda: to_keras(state(bias_hh_l0=zeros(4, 5))),
        ValueError,
        r"bias_hh_l0 must have shape \(20,\), got \(4, 5\)",
    ),
    "shape_of_peephole": (
        lambda: to_onnx(state(PeepholeLSTM, weight_peephole_l0=zeros(20))),
        ValueError,
        r"weight_peephole_l0 must have shape \(15,\), got \(20,\)",
    ),
    "peephole_of_gru": (
        lambda: to_onnx(state(GRU, weight_peephole_l0=zeros(15))),
        ValueError,
        "weight_peephole_l0 must be absent: GRU",
    ),
    "integers": (
        lambda: to_onnx(state(bias_hh_l0=zeros(20, dtype=int))),
        TypeError,
        "bias_hh_l0 .*floating-point.*got int64",
    ),
    "words": (lambda: to_keras(state(bias_hh_l0="no")), TypeError, "bias_hh_l0 .*got <U2"),
    "bfloat16": (
        lambda: to_onnx(torch.nn.LSTM(I, H, dtype=torch.bfloat16)),
        TypeError,
        "weight_ih_l0 .*NumPy has, got torch.bfloat16",
    ),
    "peephole_to_keras": (
        lambda: to_keras(PeepholeLSTM(I, H)),
        ValueError,
        "source .*got an LSTM with peepholes",
    ),
    "reset_of_lstm": (
        lambda: to_keras(LSTM(I, H), reset_after=True),
        ValueError,
        "reset_after must be None.*got LSTM",
    ),
    "reset_against_layer": (
        lambda: to_keras(GRU(I, H), reset_after=False),
        ValueError,
        "reset_after must be True or None.*got False",
    ),
    "reset_of_stock": (
        lambda: to_keras(torch.nn.GRU(I, H), reset_after=False),
        ValueError,
        "reset_after must be True or None.*got False",
    ),
    "reset_kind": (
        lambda: to_keras(GRU(I, H), reset_after=1),
        TypeError,
        "reset_after must be True, False or None, got 1",
    ),
    "onnx_list": (lambda: from_onnx([1]), TypeError, "arrays must be a dict.*got a list"),
    "onnx_missing": (lambda: from_onnx(onnx(R=None)), ValueError, "arrays must hold W, R.*got"),
    "onnx_unknown": (lambda: from_onnx(onnx(Q=zeros(1))), ValueError, "arrays .*got .*'Q'"),
    "onnx_kind": (lambda: from_onnx(onnx(W="no")), TypeError, "W must be an array .*got <U2"),
    "onnx_ragged": (lambda: from_onnx(onnx(W=[[1.0], 2.0])), TypeError, "W must be .*got list"),
    "onnx_directions": (
        lambda: from_onnx(onnx(R=zeros(3, 20, 5))),
        ValueError,
        r"R must have shape \(directions, gates\*H, H\).*got \(3, 20, 5\)",
    ),
    "onnx_gates": (
        lambda: from_onnx(onnx(R=zeros(1, 10, 5))),
        ValueError,
        r"R must be .*1, 3 or 4 gates.*got \(10, 5\)",
    ),
    "onnx_no_units": (lambda: from_onnx(onnx(R=zeros(1, 0, 0))), ValueError, "R must be .*gates"),
    "onnx_w": (
        lambda: from_onnx(onnx(W=zeros(2, 20, 3))),
        ValueError,
        r"W must have shape \(1, 20, I\), got \(2, 20, 3\)",
    ),
    "onnx_b": (
        lambda: from_onnx(onnx(B=zeros(1, 20))),
        ValueError,
        r"B must have shape \(1, 40\), got \(1, 20\)",
    ),
    "onnx_p": (
        lambda: from_onnx(onnx(P=zeros(1, 20))),
        ValueError,
        r"P must have shape \(1, 15\), got \(1, 20\)",
    ),
    "onnx_p_of_rnn": (
        lambda: from_onnx({**to_onnx(RNN(I, H)), "P": zeros(1, 15)}),
        ValueError,
        r"P must be absent: RNN.*got \(1, 15\)",
    ),
    "keras_array": (lambda: from_keras(zeros(3)), TypeError, "weights .*list.*got a ndarray"),
    "keras_count": (lambda: from_keras(keras()[:1]), ValueError, "weights .*2, 3, 4 or 6.*got 1"),
    "keras_kind": (lambda: from_keras(keras(k1="no")), TypeError, r"weights\[1\] .*got <U2"),
    "keras_rank": (
        lambda: from_keras(keras(k1=zeros(5))),
        ValueError,
        r"weights\[1\] must have shape \(H, gates\*H\), got \(5,\)",
    ),
    "keras_gates": (
        lambda: from_keras(keras(k1=zeros(5, 11))),
        ValueError,
        r"weights\[1\] must be .*1, 3 or 4 gates.*got \(5, 11\)",
    ),
    "keras_kernel": (
        lambda: from_keras(keras(k0=zeros(3, 15))),
        ValueError,
        r"weights\[0\] must have shape \(3, 20\), got \(3, 15\)",
    ),
    "keras_kernel_rank": (
        lambda: from_keras(keras(k0=np.float32(3))),
        ValueError,
        r"weights\[0\] must have shape \(I, 20\), got \(\)",
    ),
    "keras_bias": (
        lambda: from_keras(keras(k2=zeros(2, 20))),
        ValueError,
        r"weights\[2\] must have shape \(20,\), got \(2, 20\)",
    ),
    "keras_bias_of_gru": (
        lambda: from_keras([*to_keras(GRU(I, H))[:2], zeros(3, 15)]),
        ValueError,
        r"weights\[2\] must have shape \(2, 15\), got \(3, 15\)",
    ),
    "keras_directions": (
        lambda: from_keras([*keras(), *to_keras(LSTM(I + 1, H))]),
        ValueError,
        r"weights\[3\] must have shape \(3, 20\), got \(4, 20\)",
    ),
    "save_a_number": (lambda: save("never", 3), TypeError, "source .*state dict, got int"),
    "save_key": (
        lambda: save("never", {3: zeros(2)}),
        TypeError,
        "keys of source .*strings, got 3",
    ),
    "save_value": (lambda: save("never", {"a": "no"}), TypeError, "a must be an array .*got <U2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_by_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, error, words = BAD[name]
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert re.search(words, str(caught.value)), str(caught.value)
    assert not list(tmp_path.iterdir())


MODULES = {
    "rnn": lambda half: half.RNN(I, H, 2, bidirectional=True, rng=1),
    "lstm": lambda half: half.LSTM(I, H, 2, rng=1, dtype=half_dtype(half, "float64")),
    "gru": lambda half: half.GRU(I, H, bias=False, rng=1),
    "peephole_lstm": lambda half: half.variants.PeepholeLSTM(I, H, rng=1),
    "layer_norm_lstm": lambda half: half.variants.LayerNormLSTM(I, H, rng=1),
    "cell": lambda half: half.LSTMCell(I, H, rng=1),
    "linear": lambda half: half.Linear(I, H, rng=1),
}


def half_dtype(half, name):
    return getattr(torch, name) if half is rnn_book.torch else name


def arrays_of(named):
    return {name: np.asarray(value.detach()) for name, value in named.items()}


@pytest.mark.parametrize("kind", MODULES)
def test_file_loads_into_both_halves(kind, tmp_path):
    path = tmp_path / "weights.safetensors"
    numpy_module, torch_module = (MODULES[kind](half) for half in HALVES)
    for module in (numpy_module, torch_module):
        save(path, module)
        expected = module.state_dict()
        if module is torch_module:
            expected = arrays_of(expected)
        expected = dict(sorted(expected.items()))
        same(load(path), expected)

        fresh = MODULES[kind](rnn_book.numpy)
        for value in fresh.parameters.values():
            value[...] = 7
        fresh.load_state_dict(load(path))
        same(dict(sorted(fresh.state_dict().items())), expected)

        fresh = MODULES[kind](rnn_book.torch)
        torch.nn.init.constant_(next(fresh.parameters()), 7)
        fresh.load_state_dict(safetensors.torch.load_file(path))
        same(dict(sorted(arrays_of(fresh.state_dict()).items())), expected)


def test_file_of_a_whole_torch_model_loads_into_it(tmp_path):
    model = torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.BatchNorm1d(3))
    save(str(tmp_path / "model"), model)
    found = safetensors.torch.load_file(tmp_path / "model")
    assert found.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)


def test_order_in_memory_does_not_matter(tmp_path):
    given = {"a": np.arange(12.0).reshape(3, 4), "b": np.arange(6.0)}
    save(tmp_path / "x", {"a": np.asfortranarray(given["a"]), "b": np.arange(12.0)[::2] / 2})
    same(load(tmp_path / "x"), given)
    save(tmp_path / "x", {"a": given["a"].T[::-1]})
    same(load(tmp_path / "x"), {"a": given["a"].T[::-1]})


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "x"
    save(path, {"a": zeros(100)})
    save(path, {"b": zeros(1)})
    assert load(path).keys() == {"b"}
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_file_may_be_read_by_whom_other_files_may(tmp_path):
    save(tmp_path / "x", {"a": zeros(1)})
    (tmp_path / "y").write_bytes(b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "xy"]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_file_is_whole_or_as_it_was(broken, tmp_path, monkeypatch):
    path = tmp_path / "x"
    save(path, {"a": zeros(3)})
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="disk full"):
        save(path, {"b": zeros(4)})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_temporary_file_stands_in_the_same_folder(tmp_path, monkeypatch):
    moves = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (moves.append((a, b)), replace(a, b)))
    save(tmp_path / "x", {"a": zeros(3)})
    [(source, target)] = moves
    assert source.parent == target.parent == tmp_path
    assert source != target


@pytest.mark.parametrize("content", [b"", b"no", b"\x08" + bytes(7) + b"{}      x"])
def test_file_of_another_format_is_told_by_name(content, tmp_path):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match=r"path must be a safetensors file, got .*x'"):
        load(tmp_path / "x")


def test_file_of_a_type_that_numpy_lacks_is_told_by_name(tmp_path):
    safetensors.torch.save_file({"a": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "x")
    with pytest.raises(TypeError, match=r"path must hold arrays of types .*got 'BF16' in .*x'"):
        load(tmp_path / "x")


def test_half_a_file_is_not_read(tmp_path):
    save(tmp_path / "x", {"a": zeros(30)})
    (tmp_path / "x").write_bytes((tmp_path / "x").read_bytes()[:-7])
    with pytest.raises(ValueError, match="path must be a safetensors file"):
        load(tmp_path / "x")


def test_missing_file_is_told_as_usual(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        save(tmp_path / "none" / "x", {"a": zeros(1)})


@pytest.mark.parametrize("call", [lambda p: save(p, {"a": zeros(1)}), load])
def test_without_safetensors_the_error_names_the_extra(call, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"rnn-book\[files\]"):
        call(tmp_path / "x")
    assert not list(tmp_path.iterdir())
