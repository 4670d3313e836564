from rnn_book import record_gates, show
from rnn_book.torch import GRU, example

x = example.sequence()
gates = record_gates(GRU(1, 2, rng=4, dtype="float64"), x)["l0"]
z, n, h = (gates[letter][:, 0] for letter in "znh")
kept, shares = 1.0, []
for t in reversed(range(7)):
    shares.append(kept * (1 - z[t]))  # of n at step t + 1
    kept = kept * z[t]  # the share of what stood before step t + 1
shares.reverse()
show("shares of unit 0", [share[0] for share in shares])
show("share of the start", kept[0])
show("sum", (sum(shares) + kept)[0])
mean = sum(share * n[t] for t, share in enumerate(shares))
show("weighted mean of n", mean)
show("h", h[-1])
