import torch

from rnn_book import show
from rnn_book.torch import GRU, Dropout, GRUCell, LockedDropout

ones = torch.ones(50, 1, 100, dtype=torch.float64)  # 100 units hold a 1
masks = {
    "anew at every step": Dropout(0.1, rng=3, dtype="float64")(ones),
    "one for all steps": LockedDropout(0.1, rng=3, dtype="float64")(ones),
}
cell = GRUCell(1, 100, rng=0, dtype="float64")
keep = {name: 0 * value for name, value in cell.state_dict().items()}
keep["bias_ih"][100:200] = 50.0  # z = 1: the old state is all there is
cell.load_state_dict(keep)
layer = GRU(1, 100, recurrent_dropout=0.1, rng=3, dtype="float64")
layer.load_state_dict({f"{name}_l0": value for name, value in keep.items()})
states = {}
for name, mask in masks.items():
    h, trace = ones[0], []
    for t in range(50):
        h = cell(ones[t, :, :1], mask[t] * h)  # the whole state is masked
        trace.append(1.0 * h)
    states[name] = trace
states["beside the carry"] = layer(ones[:, :, :1], ones[:1])[0]
for name, trace in states.items():
    left = [round(float((trace[t] > 0).sum())) for t in (0, 9, 49)]
    show(f"{name}: units left, largest", (left, trace[49].max()))
