from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
for step in (3, 4, 5, 6):
    x = example.sequence()
    x[5] = 0.0  # no question at step 6, but one at this step:
    x[step - 1] = -1.0
    h = record_gates(layer, x)["l0"]["h"][:, 0, 0]
    show(f"asked at {step}: h", h)
