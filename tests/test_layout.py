"""Names, shapes and order of parameters are torch.nn's."""

from types import SimpleNamespace

import pytest
import torch

from rnn_book.layout import parameter_constants, parameter_shapes, suffixes
from rnn_book.numpy.gru import GRUStep
from rnn_book.numpy.lstm import LSTMStep
from rnn_book.numpy.rnn import RNNStep

STOCK = {
    torch.nn.RNN: (RNNStep(), torch.nn.RNNCell),
    torch.nn.LSTM: (LSTMStep(), torch.nn.LSTMCell),
    torch.nn.GRU: (GRUStep(), torch.nn.GRUCell),
}


def shapes_of(module):
    return [(name, tuple(value.shape)) for name, value in module.state_dict().items()]


@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layers", [1, 2, 12])
@pytest.mark.parametrize("stock", STOCK)
def test_parameters_of_a_layer_are_those_of_torch(stock, layers, directions, bias):
    module = stock(3, 5, layers, bias=bias, bidirectional=directions == 2)
    shapes = parameter_shapes(STOCK[stock][0], 3, 5, bias, layers, directions)
    assert list(shapes.items()) == shapes_of(module)


@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
@pytest.mark.parametrize("stock", STOCK)
def test_parameters_of_a_cell_are_those_of_torch(stock, bias):
    cell, single = STOCK[stock]
    assert list(parameter_shapes(cell, 3, 5, bias).items()) == shapes_of(single(3, 5, bias=bias))


def test_suffixes_run_through_layers_then_directions():
    assert suffixes(1, 1) == ["l0"]
    assert suffixes(2, 1) == ["l0", "l1"]
    assert suffixes(2, 2) == ["l0", "l0_reverse", "l1", "l1_reverse"]


OWN = SimpleNamespace(
    gates=2,
    extra={"gain": 1, "gain_low": 3, "mix": (1, 2)},
    constants={"gain": 1.0, "bias_hh": 0.5},
)


def test_extra_parameters_follow_the_usual_ones_in_units_of_h():
    shapes = parameter_shapes(OWN, 3, 5, True, 2)
    for layer, inputs in ((0, 3), (1, 5)):
        assert [shapes.pop(f"{name}_l{layer}") for name in ("weight_ih", "weight_hh")] == [
            (10, inputs),
            (10, 5),
        ]
        for name in ("bias_ih", "bias_hh"):
            assert shapes.pop(f"{name}_l{layer}") == (10,)
        assert shapes.pop(f"gain_l{layer}") == (5,)
        assert shapes.pop(f"gain_low_l{layer}") == (15,)
        assert shapes.pop(f"mix_l{layer}") == (5, 10)
    assert not shapes


def test_constants_belong_to_whole_names():
    assert parameter_constants(OWN, parameter_shapes(OWN, 3, 5, True)) == {
        "gain": 1.0,
        "bias_hh": 0.5,
    }
    shapes = parameter_shapes(OWN, 3, 5, True, 2, 2)
    ends = ("l0", "l0_reverse", "l1", "l1_reverse")
    expected = {f"bias_hh_{end}": 0.5 for end in ends} | {f"gain_{end}": 1.0 for end in ends}
    assert parameter_constants(OWN, shapes) == expected
    assert parameter_constants(LSTMStep(), parameter_shapes(LSTMStep(), 3, 5, True, 2)) == {}
