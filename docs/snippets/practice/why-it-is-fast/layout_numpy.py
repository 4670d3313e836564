import numpy as np

from rnn_book import show

N, H = 32, 128
beside = np.zeros((N, 4 * H))  # as torch.nn lays its gates out
first = np.zeros((4, N, H))  # the gates come first
for name, gate in (("beside", beside[:, H : 2 * H]), ("first", first[1])):
    show(f"{name}: one piece", gate.flags.c_contiguous)
    show(f"{name}: numbers from row to row", gate.strides[0] // gate.itemsize)
