from rnn_book import show
from rnn_book.decoding import greedy_search
from rnn_book.numpy import EncoderDecoder
from rnn_book.projects.dates import BREAK, ISO, WRITTEN, date_model

model = date_model(EncoderDecoder, "vector")
for line in ("4.3.1998", "the fourth of March, 1998; 7-Oct-2031"):
    known = model.start(WRITTEN.encode(line)[:, None])
    show("numbers in the vector", known.state.size)
    ends = {"start": BREAK, "end": BREAK, "steps": 40}
    (found,) = greedy_search(model.step, known, 1, **ends)
    show(line, ISO.decode(found.symbols).strip())
