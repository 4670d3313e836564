from rnn_book import record_gates, show
from rnn_book.numpy import example, tanh

x = example.sequence()
c, by_hand = 0.0, []
for x_t in x[:, 0, 0]:
    c = 0.5 * c + 0.5 * tanh(x_t)
    by_hand.append(c)
show("by hand", by_hand)
show("the fader", record_gates(example.layer(), x)["l0"]["c"][:, 0, 1])
