from rnn_book import show
from rnn_book.numpy import GRU, example

for after in (True, False):
    layer = GRU(1, 2, reset_after=after, rng=0, dtype="float64")
    weights = layer.state_dict()
    for name in ("weight_ih_l0", "bias_ih_l0", "bias_hh_l0"):
        weights[name][4:6] = 0.0  # the candidate reads the state alone
    weights["bias_ih_l0"][2:4] = -50.0  # z = 0, so that h is the candidate
    layer.load_state_dict(weights)

    slopes = []
    for value in (-4.0, 4.0):
        x = example.sequence([value])
        for unit in (0, 1):
            nudge = 0.0 * layer(x)[1]
            nudge[0, 0, unit] = 1e-6
            more, less = layer(x, nudge)[1], layer(x, -nudge)[1]
            slopes.append(((more - less) / 2e-6)[0, 0])  # by this unit
    one, two, three, four = slopes  # two at x = -4, then two at x = 4
    columns = one / three, two / four
    ratio = [[column[j] for column in columns] for j in (0, 1)]
    show(f"reset_after={after}: ratio", ratio)
