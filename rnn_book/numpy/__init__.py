"""Recurrent networks in NumPy, forward and hand-written backward; the twin of `rnn_book.torch`."""

from rnn_book.cells import Cell
from rnn_book.numpy.attention import Attention
from rnn_book.numpy.cell_module import CellModule
from rnn_book.numpy.dropout import Dropout, LockedDropout
from rnn_book.numpy.encoder_decoder import EncoderDecoder
from rnn_book.numpy.functions import (
    cross_entropy,
    cross_entropy_gradient,
    log_softmax,
    mean_squared_error,
    mean_squared_error_gradient,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    softmax,
    tanh,
    tanh_gradient,
)
from rnn_book.numpy.gru import GRU, GRUCell
from rnn_book.numpy.lstm import LSTM, LSTMCell
from rnn_book.numpy.modules import Embedding, LayerNorm, Linear, Module
from rnn_book.numpy.recurrent import Recurrent
from rnn_book.numpy.rnn import RNN, RNNCell
from rnn_book.numpy.training import SGD, Adam, clip_grad_norm
from rnn_book.numpy.variants import (
    CoupledLSTM,
    LayerNormGRU,
    LayerNormLSTM,
    LayerNormRNN,
    NoForgetGateLSTM,
    PeepholeLSTM,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "Attention",
    "Cell",
    "CellModule",
    "CoupledLSTM",
    "Dropout",
    "Embedding",
    "EncoderDecoder",
    "GRUCell",
    "LSTMCell",
    "LayerNorm",
    "LayerNormGRU",
    "LayerNormLSTM",
    "LayerNormRNN",
    "Linear",
    "LockedDropout",
    "Module",
    "NoForgetGateLSTM",
    "PeepholeLSTM",
    "RNNCell",
    "Recurrent",
    "clip_grad_norm",
    "cross_entropy",
    "cross_entropy_gradient",
    "log_softmax",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "relu",
    "relu_gradient",
    "sigmoid",
    "sigmoid_gradient",
    "softmax",
    "tanh",
    "tanh_gradient",
]
