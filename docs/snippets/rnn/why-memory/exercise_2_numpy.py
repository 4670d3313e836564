from rnn_book import show
from rnn_book.numpy import RNN


def count(I, H):
    return H * I + H * H + H + H


for I, H in ((1, 1), (3, 4), (100, 256)):
    parameters = RNN(I, H, rng=0).state_dict().values()
    counted = sum(len(p.reshape(-1)) for p in parameters)
    show(f"I = {I}, H = {H}: formula and layer", (count(I, H), counted))
