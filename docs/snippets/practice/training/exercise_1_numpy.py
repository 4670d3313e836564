import numpy as np

from rnn_book import show
from rnn_book.numpy import cross_entropy_gradient

mask = np.arange(10)[:, None] < np.array([10, 1])
logits, targets = np.zeros((10, 2, 2)), np.zeros((10, 2), int)
per_step = cross_entropy_gradient(logits, targets, mask)
show("mean over steps", -2 * per_step[0, :, 0])

alone = [
    cross_entropy_gradient(logits[:, n], targets[:, n], mask[:, n])
    for n in (0, 1)
]
per_sequence = np.stack(alone, axis=1) / 2
show("mean over sequences", -2 * per_sequence[0, :, 0])
