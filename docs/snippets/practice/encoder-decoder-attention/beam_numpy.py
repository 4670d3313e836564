import numpy as np

from rnn_book import show
from rnn_book.decoding import beam_search
from rnn_book.numpy import EncoderDecoder
from rnn_book.projects.dates import BREAK, ISO, WRITTEN, date_model

source = WRITTEN.encode("Friday, 1 Feb 2030")[:, None]
for name in ("vector", "attention"):
    model = date_model(EncoderDecoder, name)
    ends = {"start": BREAK, "end": BREAK, "steps": 40}
    best = beam_search(model.step, model.start(source), width=3, **ends)
    for line in best:
        probability = float(np.exp(line.log_probability))
        show(name, [ISO.decode(line.symbols).strip(), round(probability, 3)])
