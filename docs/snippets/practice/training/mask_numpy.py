import numpy as np

from rnn_book import show
from rnn_book.numpy import cross_entropy

lengths = np.array([6, 4, 2])
mask = np.arange(6)[:, None] < lengths  # T, N
targets = np.where(mask, 1, 0)  # the right class is 1; padding holds 0
logits = np.zeros((6, 3, 2))
show("mask", mask.T.astype(int))
answers = {"knows nothing": 0.0, "always 1": -3.0, "always 0": 3.0}
for name, class_0 in answers.items():
    logits[..., 0] = class_0
    everywhere = cross_entropy(logits, targets)
    masked = cross_entropy(logits, targets, mask)
    show(f"{name}: loss without and with mask", (everywhere, masked))
