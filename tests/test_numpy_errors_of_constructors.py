"""Bad arguments: no layer is made, and the generator that was handed over is as before."""

import numpy as np
import pytest
import torch

from rnn_book.numpy import (
    GRU,
    LSTM,
    RNN,
    CellModule,
    Dropout,
    Embedding,
    GRUCell,
    LayerNorm,
    Linear,
    LockedDropout,
    LSTMCell,
    Recurrent,
    RNNCell,
)
from rnn_book.numpy.variants import CoupledLSTM, LayerNormRNN, NoForgetGateLSTM, PeepholeLSTM
from tests.bad_input import Row, raises_as_told

CONSTRUCTORS = {
    "input_size_0": Row(
        lambda r: LSTM(0, 4, rng=r),
        ValueError,
        ("input_size", "greater than zero", "0"),
        lambda: torch.nn.LSTM(0, 4),
    ),
    "input_size_negative": Row(
        lambda r: GRU(-1, 4, rng=r),
        ValueError,
        ("input_size", "greater than zero", "-1"),
        lambda: torch.nn.GRU(-1, 4),
    ),
    "input_size_float": Row(
        lambda r: LSTM(3.0, 4, rng=r),
        TypeError,
        ("input_size", "int", "float"),
        lambda: torch.nn.LSTM(3.0, 4),
    ),
    "hidden_size_0": Row(
        lambda r: RNN(3, 0, rng=r),
        ValueError,
        ("hidden_size", "greater than zero", "0"),
        lambda: torch.nn.RNN(3, 0),
    ),
    "hidden_size_float": Row(
        lambda r: GRU(3, 4.0, rng=r),
        TypeError,
        ("hidden_size", "int", "float"),
        lambda: torch.nn.GRU(3, 4.0),
    ),
    "num_layers_0": Row(
        lambda r: LSTM(3, 4, 0, rng=r),
        ValueError,
        ("num_layers", "greater than zero", "0"),
        lambda: torch.nn.LSTM(3, 4, 0),
    ),
    "num_layers_float": Row(
        lambda r: LSTM(3, 4, 2.0, rng=r),
        TypeError,
        ("num_layers", "int", "float"),
        lambda: torch.nn.LSTM(3, 4, 2.0),
    ),
    "num_layers_text": Row(
        lambda r: RNN(3, 4, "relu", rng=r), TypeError, ("num_layers", "int", "str")
    ),
    "dropout_negative": Row(
        lambda r: LSTM(3, 4, 2, dropout=-0.1, rng=r),
        ValueError,
        ("dropout", "0 to 1", "-0.1"),
        lambda: torch.nn.LSTM(3, 4, 2, dropout=-0.1),
    ),
    "dropout_above_1": Row(
        lambda r: GRU(3, 4, 2, dropout=1.1, rng=r),
        ValueError,
        ("dropout", "0 to 1", "1.1"),
        lambda: torch.nn.GRU(3, 4, 2, dropout=1.1),
    ),
    "dropout_nan": Row(
        lambda r: GRU(3, 4, 2, dropout=np.nan, rng=r),
        ValueError,
        ("dropout", "0 to 1", "nan"),
        lambda: torch.nn.GRU(3, 4, 2, dropout=float("nan")),
    ),
    "dropout_bool": Row(
        lambda r: LSTM(3, 4, 2, True, False, True, rng=r),
        ValueError,
        ("dropout", "0 to 1", "True"),
        lambda: torch.nn.LSTM(3, 4, 2, True, False, True),
    ),
    "dropout_text": Row(
        lambda r: LSTM(3, 4, 2, dropout="high", rng=r), ValueError, ("dropout", "0 to 1", "high")
    ),
    "recurrent_dropout": Row(
        lambda r: LSTM(3, 4, recurrent_dropout=1.5, rng=r),
        ValueError,
        ("recurrent_dropout", "0 to 1", r"1\.5"),
    ),
    "recurrent_dropout_none": Row(
        lambda r: LSTM(3, 4, recurrent_dropout=None, rng=r),
        ValueError,
        ("recurrent_dropout", "0 to 1", "None"),
    ),
    "recurrent_dropout_on": Row(
        lambda r: LSTM(3, 4, recurrent_dropout_on="candidate", rng=r),
        ValueError,
        ("recurrent_dropout_on", "'state' or 'update'", "'candidate'"),
    ),
    "update_without_candidate": Row(
        lambda r: RNN(3, 4, recurrent_dropout=0.5, recurrent_dropout_on="update", rng=r),
        ValueError,
        ("recurrent_dropout_on", "candidate", "RNNStep", "'state'"),
    ),
    "update_without_candidate_layer_norm": Row(
        lambda r: LayerNormRNN(3, 4, recurrent_dropout=0.5, recurrent_dropout_on="update", rng=r),
        ValueError,
        ("recurrent_dropout_on", "candidate", "LayerNormRNNStep"),
    ),
    "zoneout": Row(lambda r: GRU(3, 4, zoneout=-1, rng=r), ValueError, ("zoneout", "0 to 1", "-1")),
    "zoneout_pair_without_c": Row(
        lambda r: GRU(3, 4, zoneout=(0.1, 0.2), rng=r),
        ValueError,
        ("zoneout", "one probability", r"\(0\.1, 0\.2\)"),
    ),
    "zoneout_triple": Row(
        lambda r: LSTM(3, 4, zoneout=(0.1, 0.2, 0.3), rng=r),
        ValueError,
        ("zoneout", "h.*c", r"\(0\.1, 0\.2, 0\.3\)"),
    ),
    "zoneout_pair_above_1": Row(
        lambda r: LSTM(3, 4, zoneout=(0.1, 2), rng=r), ValueError, ("zoneout", "0 to 1", "2")
    ),
    "weight_drop": Row(
        lambda r: LSTM(3, 4, weight_drop=7, rng=r), ValueError, ("weight_drop", "0 to 1", "7")
    ),
    "forget_bias_without_forget_gate": Row(
        lambda r: GRU(3, 4, forget_bias=1, rng=r),
        ValueError,
        ("forget_bias", "forget gate", "GRUStep"),
    ),
    "forget_bias_without_forget_gate_lstm": Row(
        lambda r: NoForgetGateLSTM(3, 4, forget_bias=1, rng=r),
        ValueError,
        ("forget_bias", "forget gate", "NoForgetGateLSTMStep"),
    ),
    "forget_bias_without_bias": Row(
        lambda r: PeepholeLSTM(3, 4, bias=False, forget_bias=1.0, rng=r),
        ValueError,
        ("forget_bias", "bias=False"),
    ),
    "forget_bias_infinite": Row(
        lambda r: CoupledLSTM(3, 4, forget_bias=np.inf, rng=r),
        ValueError,
        ("forget_bias", "finite", "inf"),
    ),
    "forget_bias_text": Row(
        lambda r: LSTM(3, 4, forget_bias="1", rng=r), ValueError, ("forget_bias", "number", "'1'")
    ),
    "forget_bias_of_a_cell": Row(
        lambda r: GRUCell(3, 4, forget_bias=1, rng=r),
        ValueError,
        ("forget_bias", "forget gate", "GRUStep"),
    ),
    "nonlinearity": Row(
        lambda r: RNN(3, 4, nonlinearity="sin", rng=r),
        ValueError,
        ("nonlinearity", "'tanh' or 'relu'", "'sin'"),
        lambda: torch.nn.RNN(3, 4, nonlinearity="sin"),
    ),
    "nonlinearity_of_a_cell": Row(
        lambda r: RNNCell(3, 4, nonlinearity="sin", rng=r),
        ValueError,
        ("nonlinearity", "'tanh' or 'relu'", "'sin'"),
    ),
    "proj_size": Row(
        lambda r: LSTM(3, 4, proj_size=2, rng=r),
        NotImplementedError,
        ("proj_size", "not offered", "2"),
    ),
    "dtype_int": Row(
        lambda r: LSTM(3, 4, dtype=int, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "int64"),
    ),
    "dtype_half": Row(
        lambda r: GRU(3, 4, dtype="float16", rng=r),
        TypeError,
        ("dtype", "float32 or float64", "float16"),
    ),
    "dtype_unknown": Row(
        lambda r: RNN(3, 4, dtype="single precision", rng=r),
        TypeError,
        ("dtype", "float32 or float64", "single precision"),
    ),
    "dtype_of_torch": Row(
        lambda r: RNN(3, 4, dtype=torch.float64, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "torch.float64"),
    ),
    "dtype_linear": Row(
        lambda r: Linear(3, 4, dtype=int, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "int64"),
    ),
    "dtype_embedding": Row(
        lambda r: Embedding(3, 4, dtype=int, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "int64"),
    ),
    "dtype_dropout": Row(
        lambda r: Dropout(0.5, dtype=int, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "int64"),
    ),
    "dtype_cell": Row(
        lambda r: LSTMCell(3, 4, dtype=int, rng=r),
        TypeError,
        ("dtype", "float32 or float64", "int64"),
    ),
    "rng_float": Row(lambda r: LSTM(3, 4, rng=0.5), TypeError, ("rng", "Generator", r"0\.5")),
    "rng_negative": Row(lambda r: LSTM(3, 4, rng=-1), TypeError, ("rng", "integer >= 0", "-1")),
    "rng_bool": Row(lambda r: Linear(3, 4, rng=True), TypeError, ("rng", "Generator", "True")),
    "rng_old": Row(
        lambda r: Dropout(0.5, rng=np.random.RandomState(0)),
        TypeError,
        ("rng", "Generator", "RandomState|MT19937"),
    ),
    "option_unknown": Row(
        lambda r: LSTM(3, 4, recurrent_droput=0.5, rng=r), TypeError, ("recurrent_droput",)
    ),
    "cell_unfit": Row(
        lambda r: Recurrent(3, 4, 5, rng=r), TypeError, ("cell", "gates, states and step", "int")
    ),
    "cell_without_step": Row(
        lambda r: CellModule(type("Half", (), {"gates": 1, "states": ("h",)}), 3, 4, rng=r),
        TypeError,
        ("cell", "step", "Half"),
    ),
    "linear_0": Row(
        lambda r: Linear(0, 4, rng=r), ValueError, ("in_features", "greater than zero", "0")
    ),
    "linear_float": Row(
        lambda r: Linear(3, 4.0, rng=r),
        TypeError,
        ("out_features", "int", "float"),
        lambda: torch.nn.Linear(3, 4.0),
    ),
    "embedding_negative": Row(
        lambda r: Embedding(3, -4, rng=r),
        ValueError,
        ("embedding_dim", "greater than zero", "-4"),
    ),
    "layer_norm_0": Row(
        lambda r: LayerNorm(0), ValueError, ("normalized_shape", "greater than zero", "0")
    ),
    "dropout_module": Row(
        lambda r: Dropout(1.5, rng=r),
        ValueError,
        ("p must", "0 to 1", r"1\.5"),
        lambda: torch.nn.Dropout(1.5),
    ),
    "locked_dropout_module": Row(
        lambda r: LockedDropout(-0.5, rng=r), ValueError, ("p must", "0 to 1", r"-0\.5")
    ),
}


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_bad_arguments_of_a_constructor_are_named_and_cost_no_draw(name):
    rng = np.random.default_rng(0)
    raises_as_told(CONSTRUCTORS[name], rng)
    fresh = np.random.default_rng(0)
    assert rng.bit_generator.state == fresh.bit_generator.state
    assert rng.spawn(1)[0].random() == fresh.spawn(1)[0].random()
