from rnn_book import record_gates, show
from rnn_book.grammars import continual_reber
from rnn_book.torch import LSTM

x = continual_reber(5000, 1, rng=0).inputs
for bias in (1.0, 3.0, 5.0):
    layer = LSTM(7, 24, forget_bias=bias, rng=1, dtype="float64")
    gates = record_gates(layer, x)["l0"]
    F, c = gates["f"].max(), abs(gates["c"]).max()
    show(f"forget bias {bias}: largest f, |c|, bound", (F, c, 1 / (1 - F)))
