from rnn_book import show
from rnn_book.numpy import LSTM
from rnn_book.weights import to_keras

layer = LSTM(3, 4, num_layers=2, bidirectional=True, rng=0)
counted = sum(len(w.ravel()) for w in layer.state_dict().values())
formula = 2 * 4 * 4 * (3 + 4 + 2) + 2 * 4 * 4 * (8 + 4 + 2)
show("torch: counted, formula", (counted, formula))

counted = sum(w.size for number in (0, 1) for w in to_keras(layer, number))
formula = 2 * 4 * 4 * (3 + 4 + 1) + 2 * 4 * 4 * (8 + 4 + 1)
show("Keras: counted, formula", (counted, formula))
