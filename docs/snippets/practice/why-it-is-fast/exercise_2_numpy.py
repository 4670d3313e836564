import numpy as np

from rnn_book import show

# microseconds for a call, and for each number
call, number, H = 0.5, 0.0005, 64
N = np.array([1, 4, 16, 64, 256])
show("share of the call", call / (call + number * N * H))
show("half, at N", call / (number * H))
