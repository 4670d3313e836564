"""Answers found another way: scalar loops in plain Python, and torch.nn.

The loops know lists and numbers, take one sequence at a time and never see padding. They share no
line with the package.
"""

import math

import numpy as np

# --- scalar loops -------------------------------------------------------------------------------


def dot(rows, vector):
    return [sum(w * v for w, v in zip(row, vector, strict=True)) for row in rows]


def add(*vectors):
    return [sum(entries) for entries in zip(*vectors, strict=True)]


def times(*vectors):
    return [math.prod(entries) for entries in zip(*vectors, strict=True)]


def sigmoid(vector):
    return [1 / (1 + math.exp(-a)) for a in vector]


def tanh(vector):
    return [math.tanh(a) for a in vector]


def relu(vector):
    return [max(a, 0.0) for a in vector]


def one_minus(vector):
    return [1 - a for a in vector]


def cut(vector, count):
    size = len(vector) // count
    return [vector[k * size : (k + 1) * size] for k in range(count)]


def normal(vector):
    mean = sum(vector) / len(vector)
    variance = sum((a - mean) ** 2 for a in vector) / len(vector)
    return [(a - mean) / math.sqrt(variance + 1e-5) for a in vector]


def products(x, h_rec, p):
    """Both products with their biases, apart."""
    return (
        add(dot(p["weight_ih"], x), p["bias_ih"]),
        add(dot(p["weight_hh"], h_rec), p["bias_hh"]),
    )


def rnn(squash):
    def step(x, h_rec, state, p, m):
        return [squash(add(*products(x, h_rec, p)))]

    return step


def lstm(x, h_rec, state, p, m):
    _, c = state
    a_i, a_f, a_g, a_o = cut(add(*products(x, h_rec, p)), 4)
    c = add(times(sigmoid(a_f), c), times(sigmoid(a_i), tanh(a_g), m))
    return [times(sigmoid(a_o), tanh(c)), c]


def peephole_lstm(x, h_rec, state, p, m):
    _, c = state
    p_i, p_f, p_o = cut(p["weight_peephole"], 3)
    a_i, a_f, a_g, a_o = cut(add(*products(x, h_rec, p)), 4)
    f, i = sigmoid(add(a_f, times(p_f, c))), sigmoid(add(a_i, times(p_i, c)))
    c = add(times(f, c), times(i, tanh(a_g), m))
    return [times(sigmoid(add(a_o, times(p_o, c))), tanh(c)), c]


def coupled_lstm(x, h_rec, state, p, m):
    _, c = state
    a_f, a_g, a_o = cut(add(*products(x, h_rec, p)), 3)
    f = sigmoid(a_f)
    c = add(times(f, c), times(one_minus(f), tanh(a_g), m))
    return [times(sigmoid(a_o), tanh(c)), c]


def no_forget_gate_lstm(x, h_rec, state, p, m):
    _, c = state
    a_i, a_g, a_o = cut(add(*products(x, h_rec, p)), 3)
    c = add(c, times(sigmoid(a_i), tanh(a_g), m))
    return [times(sigmoid(a_o), tanh(c)), c]


def updated(z, n, h, m):
    return [add(times(one_minus(z), n, m), times(z, h))]


def gru(x, h_rec, state, p, m):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = (cut(a, 3) for a in products(x, h_rec, p))
    r, z = sigmoid(add(x_r, h_r)), sigmoid(add(x_z, h_z))
    return updated(z, tanh(add(x_n, times(r, h_n))), state[0], m)


def gru_reset_before(x, h_rec, state, p, m):
    (x_r, x_z, x_n), (h_r, h_z, _) = (cut(a, 3) for a in products(x, h_rec, p))
    r, z = sigmoid(add(x_r, h_r)), sigmoid(add(x_z, h_z))
    rows, shift = cut(p["weight_hh"], 3)[2], cut(p["bias_hh"], 3)[2]
    n = tanh(add(x_n, dot(rows, times(r, h_rec)), shift))
    return updated(z, n, state[0], m)


def layer_norm_rnn(squash):
    def step(x, h_rec, state, p, m):
        total = add(dot(p["weight_ih"], x), dot(p["weight_hh"], h_rec))
        return [squash(add(times(normal(total), p["gain"]), p["bias_ih"], p["bias_hh"]))]

    return step


def layer_norm_lstm(x, h_rec, state, p, m):
    _, c = state
    a = add(
        times(normal(dot(p["weight_ih"], x)), p["gain_ih"]),
        p["bias_ih"],
        times(normal(dot(p["weight_hh"], h_rec)), p["gain_hh"]),
        p["bias_hh"],
    )
    a_i, a_f, a_g, a_o = cut(a, 4)
    c = add(times(sigmoid(a_f), c), times(sigmoid(a_i), tanh(a_g), m))
    shown = add(times(normal(c), p["gain_c"]), p["shift_c"])
    return [times(sigmoid(a_o), tanh(shown)), c]


def layer_norm_gru(x, h_rec, state, p, m):
    def side(weight, vector, gain, shift):
        a = dot(p[weight], vector)
        border = 2 * len(a) // 3
        scaled = times(normal(a[:border]) + normal(a[border:]), p[gain])
        return cut(add(scaled, p[shift]), 3)

    x_r, x_z, x_n = side("weight_ih", x, "gain_ih", "bias_ih")
    h_r, h_z, h_n = side("weight_hh", h_rec, "gain_hh", "bias_hh")
    r, z = sigmoid(add(x_r, h_r)), sigmoid(add(x_z, h_z))
    return updated(z, tanh(add(x_n, times(r, h_n))), state[0], m)


STEPS = {
    "rnn_tanh": rnn(tanh),
    "rnn_relu": rnn(relu),
    "lstm": lstm,
    "gru": gru,
    "gru_reset_before": gru_reset_before,
    "peephole_lstm": peephole_lstm,
    "coupled_lstm": coupled_lstm,
    "no_forget_gate_lstm": no_forget_gate_lstm,
    "layer_norm_rnn": layer_norm_rnn(tanh),
    "layer_norm_rnn_relu": layer_norm_rnn(relu),
    "layer_norm_lstm": layer_norm_lstm,
    "layer_norm_gru": layer_norm_gru,
}


def run_sequence(step, p, inputs, state, masks, zoneout):
    """One sequence through one layer in one direction; the masks are its own, in its order."""
    outputs = []
    for t, x in enumerate(inputs):
        h_rec = times(state[0], masks["recurrent"]) if "recurrent" in masks else state[0]
        m = masks["update"][t] if "update" in masks else [1.0] * len(state[0])
        new = step(x, h_rec, state, p, m)
        for k, name in enumerate(("h", "c")[: len(new)]):
            if f"zoneout_{name}" in masks:
                keep = masks[f"zoneout_{name}"][t]
                new[k] = [o if k_ else n for o, n, k_ in zip(state[k], new[k], keep, strict=True)]
            elif zoneout[k]:
                new[k] = [
                    zoneout[k] * o + (1 - zoneout[k]) * n
                    for o, n in zip(state[k], new[k], strict=True)
                ]
        state = new
        outputs.append(state[0])
    return outputs, state


def run_layer(kind, layer, x, hx, lengths=None, masks=None, zoneout=(0, 0)):
    """The output and the states of a NumPy layer, (T, N, ...), from its parameters alone.

    masks is what the layer shows as last_masks; zoneout what it mixes where there is no mask.
    """
    steps, batch = x.shape[:2]
    masks = masks or {}
    output = np.zeros((steps, batch, layer.directions * layer.hidden_size))
    final = [np.array(s) for s in hx]
    for n in range(batch):
        length = steps if lengths is None else int(lengths[n])
        inputs = x[:length, n].tolist()
        for k in range(layer.num_layers):
            sides = []
            for d in range(layer.directions):
                end = f"l{k}" + "_reverse" * d
                p = {
                    name.removesuffix(f"_{end}"): value
                    for name, value in layer.parameters.items()
                    if name.endswith(f"_{end}")
                }
                drawn = masks.get(end, {})
                if "weight_drop" in drawn:
                    p["weight_hh"] = p["weight_hh"] * drawn["weight_drop"]
                p = {name: value.tolist() for name, value in p.items()}
                zeros = [0.0] * len(p["weight_hh"])
                p = {"bias_ih": zeros, "bias_hh": zeros, **p}
                order = list(range(length))[:: -1 if d else 1]
                own = {
                    name: mask[order, n].tolist()
                    for name, mask in drawn.items()
                    if name in ("update", "zoneout_h", "zoneout_c", "dropout")
                }
                if "recurrent" in drawn:
                    own["recurrent"] = drawn["recurrent"][n].tolist()
                row = k * layer.directions + d
                state = [s[row, n].tolist() for s in hx]
                read = [inputs[t] for t in order]
                hs, state = run_sequence(STEPS[kind], p, read, state, own, zoneout)
                for target, value in zip(final, state, strict=True):
                    target[row, n] = value
                if "dropout" in own:
                    hs = [times(h, m) for h, m in zip(hs, own["dropout"], strict=True)]
                sides.append(hs[:: -1 if d else 1])
            inputs = [[a for side in both for a in side] for both in zip(*sides, strict=True)]
        if length:
            output[:length, n] = inputs
    return output, final


# --- torch.nn -----------------------------------------------------------------------------------


def torch_twin(kind, layer):
    """The torch.nn layer of a stock kind with the parameters of a NumPy layer, in evaluation."""
    import torch

    names = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    options = {} if kind in names else {"nonlinearity": kind.removeprefix("rnn_")}
    twin = names.get(kind, torch.nn.RNN)(
        layer.input_size,
        layer.hidden_size,
        layer.num_layers,
        bias=layer.bias,
        batch_first=layer.batch_first,
        bidirectional=layer.bidirectional,
        dtype=torch.float64,
        **options,
    ).eval()
    tensors = {name: torch.from_numpy(a) for name, a in layer.state_dict().items()}
    twin.load_state_dict(tensors, strict=True)
    return twin


def torch_answer(twin, x, hx, lengths, d_output, d_state, packed):
    """Everything that torch finds: output, states, and the gradients of x, hx and the parameters.

    Gradients that are None do not arrive. With lengths the batch goes through as a packed sequence,
    or each sequence by itself, cut to its length.
    """
    import torch

    def leaf(a):
        return torch.tensor(a, dtype=torch.float64, requires_grad=True)

    x = leaf(x)
    hx = None if hx is None else [leaf(a) for a in hx]
    joined = None if hx is None else (tuple(hx) if len(hx) == 2 else hx[0])
    if lengths is None:
        output, state = twin(x, joined)
        state = state if isinstance(state, tuple) else (state,)
    elif packed:
        sequence = torch.nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor(lengths), twin.batch_first, enforce_sorted=False
        )
        output, state = twin(sequence, joined)
        steps = x.shape[1 if twin.batch_first else 0]
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(
            output, twin.batch_first, total_length=steps
        )
        state = state if isinstance(state, tuple) else (state,)
    else:
        output, state = one_by_one(twin, x, hx, lengths)
    loss = sum(
        (a * torch.tensor(d)).sum()
        for a, d in zip((output, *state), (d_output, *d_state), strict=True)
        if d is not None
    )
    leaves = {"x": x, **dict(twin.named_parameters())}
    if hx is not None:
        leaves |= {f"hx[{k}]": a for k, a in enumerate(hx)}
    found = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    gradients = {
        name: np.zeros(tuple(a.shape)) if d is None else d.numpy()
        for (name, a), d in zip(leaves.items(), found, strict=True)
    }
    return output.detach().numpy(), [s.detach().numpy() for s in state], gradients


def one_by_one(twin, x, hx, lengths):
    import torch

    if twin.batch_first:
        x = x.swapaxes(0, 1)
    outputs, states = [], []
    for n, length in enumerate(lengths):
        own = [a[:, n : n + 1] for a in hx]
        width = twin.hidden_size * (1 + twin.bidirectional)
        output = x.new_zeros((len(x), 1, width))
        if length:
            joined = tuple(own) if len(own) == 2 else own[0]
            short, own = twin(x[:length, n : n + 1].transpose(0, int(twin.batch_first)), joined)
            own = own if isinstance(own, tuple) else (own,)
            short = short.transpose(0, int(twin.batch_first))
            output = torch.cat([short, output[length:]])
        outputs.append(output)
        states.append(own)
    output = torch.cat(outputs, dim=1)
    states = [torch.cat(column, dim=1) for column in zip(*states, strict=True)]
    return (output.swapaxes(0, 1) if twin.batch_first else output), states
