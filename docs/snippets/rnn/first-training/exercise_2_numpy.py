import numpy as np

from rnn_book import show

for name, loss, characters in (
    ("training", 0.02, 1242),
    ("validation", 0.99, 685),
):
    bits = loss / np.log(2)
    show(f"{name}: bits per character", round(bits, 2))
    show(f"{name}: bytes for all of it", round(bits * characters / 8))
