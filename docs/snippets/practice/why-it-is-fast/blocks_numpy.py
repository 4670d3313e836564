import numpy as np

from rnn_book import show

rng = np.random.default_rng(0)
N, H, width = 32, 128, 64
h, weight = rng.standard_normal((N, H)), rng.standard_normal((H, 4 * H))
whole = h @ weight
columns = weight.reshape(H, 4 * H // width, width)
blocks = np.ascontiguousarray(columns.swapaxes(0, 1))
show("blocks", blocks.shape)
in_blocks = (h @ blocks).swapaxes(0, 1).reshape(N, 4 * H)
show("largest difference", abs(whole - in_blocks).max())
show("multiplications, whole and in one block", (N * H * 4 * H, N * H * width))
