from rnn_book import show
from rnn_book.numpy import example, sigmoid, tanh

layer, x = example.gru_layer(), example.sequence()
W_x, W_h, b_x, b_h = layer.state_dict().values()
output, _ = layer(x)

h = 0.0 * output[0]  # zeros, (N, H)
for t, x_t in enumerate(x):
    a_x = x_t @ W_x.T + b_x  # (N, 3H)
    a_h = h @ W_h.T + b_h
    r = sigmoid(a_x[:, 0:2] + a_h[:, 0:2])
    z = sigmoid(a_x[:, 2:4] + a_h[:, 2:4])
    n = tanh(a_x[:, 4:6] + r * a_h[:, 4:6])
    h = (1 - z) * n + z * h
    equal = abs(h - output[t]).max() < 1e-12
    show(f"step {t + 1}: h, equal to the layer's", (h[0], equal))
