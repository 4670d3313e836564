from rnn_book import show
from rnn_book.numpy import example

x, w, eps = example.sequence([1.0, 2.0, 3.0])[:, 0, 0], 0.5, 1e-6


def last(weights):
    h = 0.0
    for x_t, w_t in zip(x, weights, strict=True):
        h = w_t * h + x_t
    return h


shares = []
for use in range(3):  # nudge w in one of its three places
    up, down = [w] * 3, [w] * 3
    up[use], down[use] = w + eps, w - eps
    shares.append((last(up) - last(down)) / (2 * eps))
show("one place at a time", shares)
show("their sum", sum(shares))
up, down = last([w + eps] * 3), last([w - eps] * 3)
show("all three at once", (up - down) / (2 * eps))
