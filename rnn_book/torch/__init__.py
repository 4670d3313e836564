"""Recurrent networks in PyTorch: drop-in for `torch.nn`, and the twin of `rnn_book.numpy`."""

from rnn_book.cells import Cell
from rnn_book.torch.attention import Attention
from rnn_book.torch.cell_module import CellModule
from rnn_book.torch.dropout import Dropout, LockedDropout
from rnn_book.torch.encoder_decoder import EncoderDecoder
from rnn_book.torch.functions import (
    cross_entropy,
    log_softmax,
    mean_squared_error,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from rnn_book.torch.gru import GRU, GRUCell
from rnn_book.torch.lstm import LSTM, LSTMCell
from rnn_book.torch.masks import load_mask_state, mask_state
from rnn_book.torch.modules import Embedding, LayerNorm, Linear
from rnn_book.torch.recurrent import Recurrent
from rnn_book.torch.rnn import RNN, RNNCell
from rnn_book.torch.states import detach_state, last_output
from rnn_book.torch.training import SGD, Adam, clip_grad_norm
from rnn_book.torch.variants import (
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
    "NoForgetGateLSTM",
    "PeepholeLSTM",
    "RNNCell",
    "Recurrent",
    "clip_grad_norm",
    "cross_entropy",
    "detach_state",
    "last_output",
    "load_mask_state",
    "log_softmax",
    "mask_state",
    "mean_squared_error",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
