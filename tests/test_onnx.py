"""Weights from ONNX and to it: against the operators' own test cases, and against onnxruntime."""

import io
import warnings
from itertools import permutations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from onnx import TensorProto, helper

import rnn_book.torch
from rnn_book import weights
from rnn_book.numpy import GRU, LSTM, RNN
from rnn_book.numpy.variants import PeepholeLSTM
from rnn_book.weights import from_onnx, to_onnx

# The names of an operator's inputs, by position; RNN and GRU have the first six.
POSITIONS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def flip(x, lengths):
    """Turn each sequence of x (T, N, ...) round within its length."""
    flipped = x.copy()
    for n, length in enumerate(lengths):
        flipped[:length, n] = x[:length, n][::-1]
    return flipped


def layer_of(operator, arrays, attributes):
    """A layer of rnn_book.numpy that does what an ONNX node does."""
    options = {}
    if operator == "GRU":
        options["reset_after"] = bool(attributes.get("linear_before_reset", 0))
    if attributes.get("activations", [b"Tanh"])[0] == b"Relu":
        options["nonlinearity"] = "relu"
    kind = PeepholeLSTM if "P" in arrays else {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}[operator]
    directions, _, inputs = arrays["W"].shape
    layer = kind(
        inputs,
        arrays["R"].shape[-1],
        bias="B" in arrays,
        bidirectional=directions == 2,
        batch_first=attributes.get("layout", 0) == 1,
        **options,
    )
    layer.load_state_dict(from_onnx(arrays))
    return layer.eval()


def run_ours(operator, attributes, inputs):
    """What our layer answers to the inputs of an ONNX node, in ONNX's layout."""
    arrays = {name: inputs[name] for name in "WRBP" if name in inputs}
    layer = layer_of(operator, arrays, attributes)
    x, directions = inputs["X"], len(arrays["W"])
    batchwise = layer.batch_first
    steps, batch = x.shape[:2][::-1] if batchwise else x.shape[:2]
    lengths = inputs.get("sequence_lens", np.full(batch, steps))
    states = [inputs[name] for name in ("initial_h", "initial_c") if name in inputs]
    if batchwise:
        states = [s.swapaxes(0, 1) for s in states]
    hx = None if not states else tuple(states) if len(states) > 1 else states[0]
    reverse = attributes.get("direction") == b"reverse"
    assert not (reverse and batchwise)
    output, state = layer(flip(x, lengths) if reverse else x, hx, lengths=lengths)
    y = output.reshape(*output.shape[:2], directions, -1)
    if reverse:
        y = flip(y, lengths)
    state = state if isinstance(state, tuple) else (state,)
    if batchwise:
        return {"Y": y, "Y_h": state[0].swapaxes(0, 1)}
    return {"Y": y.transpose(0, 2, 1, 3), **dict(zip(("Y_h", "Y_c"), state, strict=False))}


def backend_cases():
    """The cases that ONNX ships for RNN, GRU and LSTM: name -> node, inputs, expected outputs."""
    cases = {}

    def expect(node, inputs, outputs, name, **_):
        given = dict(zip([n for n in node.input if n], inputs, strict=True))
        cases[name] = node, given, dict(zip([n for n in node.output if n], outputs, strict=True))

    # They draw from NumPy's global generator, and seed it when they are imported.
    before = np.random.get_state()  # noqa: NPY002 - theirs is put back
    try:
        from onnx.backend.test.case.node import gru, lstm, rnn

        with pytest.MonkeyPatch.context() as patch:
            for module, exporter in ((rnn, rnn.RNN), (gru, gru.GRU), (lstm, lstm.LSTM)):
                patch.setattr(module, "expect", expect)
                for name in vars(exporter):
                    if name.startswith("export"):
                        getattr(exporter, name)()
    finally:
        np.random.set_state(before)  # noqa: NPY002 - theirs is put back
    return cases


BACKEND = backend_cases()


def attributes_of(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def test_onnx_has_eighteen_recurrent_cases():
    assert len(BACKEND) == 18


@pytest.mark.parametrize("name", BACKEND)
def test_backend_case_of_onnx(name):
    node, inputs, expected = BACKEND[name]
    places = zip(POSITIONS, node.input, strict=False)
    given = {place: inputs[name] for place, name in places if name}
    actual = run_ours(node.op_type, attributes_of(node), given)
    assert expected
    for output, value in expected.items():
        assert actual[output].shape == value.shape
        assert_allclose(actual[output], value, rtol=1e-5, atol=1e-6)


# operator, attributes, layer
STEPS, BATCH, INPUTS, HIDDEN = 6, 4, 3, 5
OPERATORS = {
    "rnn_tanh": ("RNN", {}, lambda **o: RNN(INPUTS, HIDDEN, **o)),
    "rnn_relu": (
        "RNN",
        {"activations": ["Relu"]},
        lambda **o: RNN(INPUTS, HIDDEN, nonlinearity="relu", **o),
    ),
    "lstm": ("LSTM", {}, lambda **o: LSTM(INPUTS, HIDDEN, **o)),
    "peephole_lstm": ("LSTM", {}, lambda **o: PeepholeLSTM(INPUTS, HIDDEN, **o)),
    "gru": ("GRU", {"linear_before_reset": 1}, lambda **o: GRU(INPUTS, HIDDEN, **o)),
    "gru_reset_before": (
        "GRU",
        {"linear_before_reset": 0},
        lambda **o: GRU(INPUTS, HIDDEN, reset_after=False, **o),
    ),
}
LENGTHS = {
    "no_lengths": None,
    "full_lengths": [6, 6, 6, 6],
    "lengths": [3, 6, 1, 4],
    "lengths_with_0": [3, 0, 6, 1],
}
DIRECTIONS = ("forward", "reverse", "bidirectional")


def run_onnxruntime(operator, attributes, inputs):
    """Build a model of one node, and run it."""
    positions = POSITIONS if operator == "LSTM" else POSITIONS[:6]
    names = [name if name in inputs else "" for name in positions]
    outputs = ["Y", "Y_h", *(["Y_c"] if operator == "LSTM" else [])]
    node = helper.make_node(operator, names, outputs, **attributes)
    types = {"f": TensorProto.FLOAT, "i": TensorProto.INT32}
    graph = helper.make_graph(
        [node],
        operator,
        [helper.make_tensor_value_info(n, types[v.dtype.kind], v.shape) for n, v in inputs.items()],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, [None] * (4 if n == "Y" else 3))
            for n in outputs
        ],
    )
    # An opset and a format that every supported onnxruntime reads.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    return dict(zip(outputs, session(model.SerializeToString()).run(None, inputs), strict=True))


def session(content):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def spread(layer, rng):
    """Give every parameter, the biases too, large values of its own: what is swapped shows."""
    layer.load_state_dict(
        {k: rng.standard_normal(v.shape) for k, v in layer.state_dict().items()},
    )
    return layer


def problem(kind, direction="forward", lengths=None, bias=True, states=True):
    """Operator, attributes and inputs of a node with the random weights of a layer."""
    rng = np.random.default_rng(7)
    operator, attributes, build = OPERATORS[kind]
    directions = 1 + (direction == "bidirectional")
    layer = spread(build(bidirectional=directions == 2, bias=bias), rng)
    attributes = {**attributes, "hidden_size": HIDDEN, "direction": direction}
    if directions == 2 and "activations" in attributes:
        attributes["activations"] = attributes["activations"] * 2

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    inputs = {"X": draw(STEPS, BATCH, INPUTS), **to_onnx(layer)}
    if states:
        inputs["initial_h"] = draw(directions, BATCH, HIDDEN)
        if operator == "LSTM":
            inputs["initial_c"] = draw(directions, BATCH, HIDDEN)
    if lengths is not None:
        inputs["sequence_lens"] = np.array(lengths, np.int32)
    return operator, attributes, inputs


def largest_difference(operator, attributes, inputs):
    expected = run_onnxruntime(operator, attributes, inputs)
    attributes = {
        name: value.encode() if isinstance(value, str) else value
        for name, value in attributes.items()
    }
    if "activations" in attributes:
        attributes["activations"] = [a.encode() for a in attributes["activations"]]
    actual = run_ours(operator, attributes, inputs)
    assert actual.keys() == expected.keys()
    # ONNX leaves open what state an empty sequence ends in: onnxruntime says 0, we the initial one.
    empty = inputs.get("sequence_lens", np.ones(BATCH)) == 0
    for name, initial in (("Y_h", "initial_h"), ("Y_c", "initial_c")):
        if name in expected and empty.any():
            assert_array_equal(actual[name][:, empty], inputs[initial][:, empty])
            assert not expected[name][:, empty].any()
            actual[name][:, empty] = 0
    for name, value in expected.items():
        assert actual[name].shape == value.shape
        assert actual[name].dtype == value.dtype
    scale = max(1.0, *(np.abs(v).max() for v in expected.values()))
    return max(np.abs(actual[name] - value).max() for name, value in expected.items()) / scale


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("kind", OPERATORS)
def test_layer_agrees_with_onnxruntime(kind, direction, lengths):
    assert largest_difference(*problem(kind, direction, LENGTHS[lengths])) < 1e-5


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("kind", OPERATORS)
def test_layer_without_biases_and_states_agrees_with_onnxruntime(kind, direction):
    assert largest_difference(*problem(kind, direction, bias=False, states=False)) < 1e-5


@pytest.mark.parametrize(
    "kind, table, order",
    [
        (kind, table, "".join(order))
        for kind, table in (("lstm", "LSTM"), ("gru", "GRU"), ("peephole_lstm", "peephole"))
        for order in permutations(weights.ONNX[table])
        if "".join(order) != weights.ONNX[table]
    ],
)
def test_onnxruntime_sees_every_wrong_order_of_gates(kind, table, order, monkeypatch):
    operator, attributes, inputs = problem(kind)
    monkeypatch.setitem(weights.ONNX, table, order)
    assert largest_difference(operator, attributes, inputs) > 1e-2


def test_onnxruntime_sees_the_place_of_the_reset():
    operator, attributes, inputs = problem("gru")
    expected = run_onnxruntime(operator, attributes, inputs)
    other = run_onnxruntime(operator, {**attributes, "linear_before_reset": 0}, inputs)
    assert np.abs(expected["Y"] - other["Y"]).max() > 1e-2


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("directions", [1, 2])
def test_stacked_layers_run_one_after_the_other_in_onnxruntime(layer, directions):
    rng = np.random.default_rng(3)
    whole = spread(LSTM(INPUTS, HIDDEN, 3, bidirectional=directions == 2), rng)
    width = INPUTS if layer == 0 else directions * HIDDEN
    x = rng.standard_normal((STEPS, BATCH, width)).astype(np.float32)
    direction = "bidirectional" if directions == 2 else "forward"
    attributes = {"hidden_size": HIDDEN, "direction": direction}
    arrays = to_onnx(whole, layer)
    expected = run_onnxruntime("LSTM", attributes, {"X": x, **arrays})["Y"]
    single = LSTM(width, HIDDEN, bidirectional=directions == 2)
    single.load_state_dict(
        {k.replace(f"_l{layer}", "_l0"): v for k, v in from_onnx(arrays, layer).items()}
    )
    output, _ = single(x)
    actual = output.reshape(STEPS, BATCH, directions, HIDDEN).transpose(0, 2, 1, 3)
    assert_allclose(actual, expected, rtol=0, atol=1e-5)


class WithStates(torch.nn.Module):
    """A layer that takes and returns its states one by one, as a graph does."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, *states):
        hx = states if len(states) > 1 else states[0]
        output, state = self.layer(x, hx)
        return output, *(state if isinstance(state, tuple) else (state,))


def export(model, inputs, names):
    """Export with free batch size and length; returns the file's content."""
    file = io.BytesIO()
    axes = {"x": {0: "T", 1: "N"}, **{name: {1: "N"} for name in names}}
    with warnings.catch_warnings():
        # The exporter's words about itself. The newer one needs onnxscript, a further package.
        warnings.filterwarnings("ignore", "You are using the legacy", DeprecationWarning)
        warnings.filterwarnings("ignore", "The feature will be removed", DeprecationWarning)
        # Checks of shapes are not part of the graph, and need not be.
        warnings.filterwarnings("ignore", "Converting a tensor to", torch.jit.TracerWarning)
        # Its advice, to make the initial states inputs, is followed.
        warnings.filterwarnings(
            "ignore", "Exporting a model to ONNX with a batch_size", UserWarning
        )
        torch.onnx.export(
            model,
            inputs,
            file,
            dynamo=False,
            input_names=["x", *names],
            output_names=["y", *(f"{name}_n" for name in names)],
            dynamic_axes=axes,
        )
    return file.getvalue()


@pytest.mark.parametrize("layers, directions", [(1, 1), (2, 2)])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_exported_layer_runs_at_another_batch_size_and_length(kind, layers, directions):
    layer = getattr(rnn_book.torch, kind)(
        INPUTS, HIDDEN, layers, bidirectional=directions == 2, rng=5
    )
    names = ["h", "c"][: 2 if kind == "LSTM" else 1]
    rng = np.random.default_rng(1)

    def inputs(steps, batch):
        shapes = [(steps, batch, INPUTS), *[(layers * directions, batch, HIDDEN)] * len(names)]
        return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]

    model = WithStates(layer).eval()
    running = session(export(model, tuple(map(torch.from_numpy, inputs(5, 2))), names))
    for steps, batch in ((5, 2), (1, 1), (9, 4)):
        arrays = inputs(steps, batch)
        with torch.no_grad():
            expected = model(*map(torch.from_numpy, arrays))
        actual = running.run(None, dict(zip(["x", *names], arrays, strict=True)))
        for ours, theirs in zip(actual, expected, strict=True):
            assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-5)
