import numpy as np

from rnn_book import show

lag, factor = 90, 0.58
for skip in (1, 3, 10, 30):
    factors = lag // skip
    size = factors * np.log10(factor)
    show(f"skip {skip}: factors, log10 of the rest", (factors, float(size)))
