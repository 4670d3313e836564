from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, NoForgetGateLSTM, example

stream = example.sequence([1.0] * 1000)
for kind in (NoForgetGateLSTM, LSTM):
    layer = kind(1, 1, rng=3, dtype="float64")
    gates = record_gates(layer, stream)["l0"]
    show(
        f"{kind.__name__}: gates",
        "".join(name for name in gates if name not in "ch"),
    )
    show("c after 10, 100, 1000 steps", gates["c"][[9, 99, 999], 0, 0])
