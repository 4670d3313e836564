import torch

from rnn_book import show

N, H = 32, 128
# as torch.nn lays its gates out
beside = torch.zeros(N, 4 * H, dtype=torch.float64)
first = torch.zeros(4, N, H, dtype=torch.float64)  # the gates come first
for name, gate in (("beside", beside[:, H : 2 * H]), ("first", first[1])):
    show(f"{name}: one piece", gate.is_contiguous())
    show(f"{name}: numbers from row to row", gate.stride()[0])
