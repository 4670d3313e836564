from rnn_book import show
from rnn_book.numpy import example, sigmoid, tanh

layer, x = example.layer(), example.sequence()
W_x, W_h, b_x, b_h = layer.state_dict().values()
output, _ = layer(x)

h = c = 0.0 * output[0]  # zeros, (N, H)
for t, x_t in enumerate(x):
    a = x_t @ W_x.T + b_x + h @ W_h.T + b_h  # (N, 4H)
    i, f = sigmoid(a[:, 0:2]), sigmoid(a[:, 2:4])
    g, o = tanh(a[:, 4:6]), sigmoid(a[:, 6:8])
    c = f * c + i * g
    h = o * tanh(c)
    equal = abs(h - output[t]).max() < 1e-12
    show(f"step {t + 1}: h, equal to the layer's", (h[0], equal))
