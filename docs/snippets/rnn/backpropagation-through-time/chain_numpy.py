from rnn_book import show
from rnn_book.numpy import example, tanh

w, target = 0.5, 0.5
x = example.sequence([1.0, 0.0, 0.0])[:, 0, 0]
h = [0.0]  # h[0] is the state before the first step
for x_t in x:
    h.append(tanh(w * h[-1] + x_t))
show("h_1, h_2, h_3", h[1:])
show("loss", (h[3] - target) ** 2 / 2)

d_h, shares = h[3] - target, []
for t in (3, 2, 1):
    d_a = d_h * (1 - h[t] ** 2)  # through the tanh
    shares.append(d_a * h[t - 1])  # to the weight, as it is used at step t
    d_h = w * d_a  # to the state before
show("shares of steps 3, 2, 1", shares)
show("d_w", sum(shares))
