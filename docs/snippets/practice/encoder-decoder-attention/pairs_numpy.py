from rnn_book import show
from rnn_book.numpy import EncoderDecoder, cross_entropy
from rnn_book.projects.dates import encode_dates, written_dates

lines = written_dates(3, rng=2, most=2)
for written, iso in zip(*lines, strict=True):
    show("read", written)
    show("write", iso)
source, lengths, target = encode_dates(*lines)
fed, wanted = target[:-1], target[1:]  # one step later
model = EncoderDecoder(48, 14, attention=None, rng=0, dtype="float64")
scores, _ = model(source, fed, lengths)
show("source, fed, scores", [source.shape, fed.shape, scores.shape])
show("loss, untrained", cross_entropy(scores, wanted, wanted > 0))
