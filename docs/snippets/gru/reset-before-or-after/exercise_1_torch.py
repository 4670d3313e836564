from rnn_book import show
from rnn_book.torch import GRU, example

x, weights = example.sequence(), example.gru_layer().state_dict()
layer = GRU(1, 2, reset_after=False, rng=0, dtype="float64")
for name, open_keeper, open_speaker in (
    ("as it is", 0.0, 0.0),
    ("speaker's open", 0.0, 58.0),
    ("keeper's open", 50.0, 0.0),
):
    forced = dict(weights, bias_ih_l0=1.0 * weights["bias_ih_l0"])
    forced["bias_ih_l0"][0] += open_keeper
    forced["bias_ih_l0"][1] += open_speaker
    layer.load_state_dict(forced)
    show(name, layer(x)[0][:, 0, 1])
