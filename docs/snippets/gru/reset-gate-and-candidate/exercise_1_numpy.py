from rnn_book import show
from rnn_book.numpy import GRU, RNN, example

gru, x = GRU(1, 3, rng=0, dtype="float64"), example.sequence()
weights = gru.state_dict()
weights["bias_ih_l0"][0:3] = 50.0  # r = 1
weights["bias_ih_l0"][3:6] = -50.0  # z = 0
gru.load_state_dict(weights)

rnn = RNN(1, 3, rng=0, dtype="float64")
rows_of_n = {name: value[6:9] for name, value in weights.items()}
rnn.load_state_dict(rows_of_n)
show("GRU: last h", gru(x)[0][-1, 0])
show("RNN: last h", rnn(x)[0][-1, 0])
show("equal at every step", abs(gru(x)[0] - rnn(x)[0]).max() < 1e-12)
