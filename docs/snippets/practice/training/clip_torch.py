from rnn_book import show
from rnn_book.torch import RNN, SGD, clip_grad_norm, example

x = example.sequence([1.0] + [0.0] * 9)  # hold the 1 for ten steps
start = {"weight_ih_l0": 1.0, "weight_hh_l0": 1.3, "bias_ih_l0": 0.0, "bias_hh_l0": 0.0}
for max_norm in (float("inf"), 1.0):
    layer = RNN(1, 1, nonlinearity="relu", rng=0, dtype="float64")
    weights = layer.state_dict()
    for name, value in start.items():
        weights[name][:] = value
    layer.load_state_dict(weights)
    optimiser, losses, norms = SGD(layer, lr=0.02), [], []
    for _ in range(20):
        output, _ = layer(x)
        losses.append((output[-1, 0, 0] - 1) ** 2)
        optimiser.zero_grad()
        losses[-1].backward()
        norms.append(clip_grad_norm(layer, max_norm))
        optimiser.step()
    show(f"max_norm={max_norm}: norm at steps 1, 2, 20", [norms[0], norms[1], norms[-1]])
    show("loss at steps 1, 2, 20", [losses[0], losses[1], losses[-1]])
