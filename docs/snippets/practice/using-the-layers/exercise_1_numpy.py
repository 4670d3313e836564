from rnn_book import show
from rnn_book.numpy import LSTM, PeepholeLSTM

dropouts = {"recurrent_dropout": 0.3, "zoneout": 0.1, "weight_drop": 0.2}
plain = set(LSTM(3, 4).state_dict())
layers = {
    "dropouts": LSTM(3, 4, **dropouts),
    "forget bias": LSTM(3, 4, forget_bias=1.0),
    "both directions": LSTM(3, 4, bidirectional=True),
    "peepholes": PeepholeLSTM(3, 4),
}
for name, layer in layers.items():
    show(name, sorted(set(layer.state_dict()) - plain))
