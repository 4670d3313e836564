from rnn_book import show
from rnn_book.torch import example


def run(cell, x, state=None):
    outputs = []
    for x_t in x:
        state = cell(x_t, state)
        outputs.append(state[0])
    return outputs, state


x = example.sequence()
outputs, state = run(example.cell(), x)
expected, last = example.layer()(x)
pairs = zip([*outputs, *state], [*expected, *last], strict=True)
apart = [abs(ours - layers).max() for ours, layers in pairs]
show("equal to 1e-12", max(apart) < 1e-12)
