from rnn_book import show
from rnn_book.numpy import RNN, SGD, clip_grad_norm, example

x = example.sequence([1.0] + [0.0] * 9)  # hold the 1 for ten steps
curves = {}
for max_norm in (float("inf"), 1.0):
    layer = RNN(1, 1, nonlinearity="relu", bias=False, rng=0, dtype="float64")
    weights = layer.state_dict()
    weights["weight_ih_l0"][:], weights["weight_hh_l0"][:] = 1.0, 1.3
    layer.load_state_dict(weights)
    optimiser, answers, norms = SGD(layer, lr=0.02), [], []
    for _ in range(20):
        output, _ = layer(x)
        answers.append(output[-1, 0, 0])
        optimiser.zero_grad()
        d_output = 0 * output
        d_output[-1] = 2 * (output[-1] - 1)  # the loss is its square
        layer.backward(d_output)
        norms.append(clip_grad_norm(layer, max_norm))
        optimiser.step()
    curves[max_norm] = answers
    show(f"limit {max_norm}: norm, updates 1, 2, 20", norms[:2] + norms[-1:])
    show("answer, updates 1, 2, 20", answers[:2] + answers[-1:])
