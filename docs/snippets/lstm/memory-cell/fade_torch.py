from rnn_book import show
from rnn_book.torch import example, tanh

marked, plain = example.sequence()[:, 0, 0], example.sequence()[:, 0, 0]
plain[1] = 0.0  # step 2 without its mark; Python counts from 0

for w in (0.5, 1.0, 2.0):
    h_marked, h_plain, trace = 0.0, 0.0, []
    for x_marked, x_plain in zip(marked, plain, strict=True):
        h_marked = tanh(w * h_marked + x_marked)
        h_plain = tanh(w * h_plain + x_plain)
        trace.append(h_marked - h_plain)
    show(f"w = {w}: trace", trace)
