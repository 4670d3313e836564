from rnn_book import show
from rnn_book.projects.dates import date_model, encode_dates
from rnn_book.torch import EncoderDecoder

written = "the fourth of March, 1998 and 7-Oct-2031"
iso = "1998-03-04 2031-10-07"
source, lengths, target = encode_dates([written], [iso])
model = date_model(EncoderDecoder, "attention")
scores, weights = model(source, target[:-1], lengths)
best = scores[:, 0].argmax(-1)
show("characters right", int((best.numpy() == target[1:, 0]).sum()))
weights = weights.detach()
looked = weights[:, 0].argmax(-1)
for k in (0, 3, 5, 6, 8, 9, 14, 16, 17, 20):
    place = int(looked[k])
    around = written[max(0, place - 3) : place + 4]
    share = round(float(weights[k, 0, place]), 2)
    show(f"step {k + 1:2}, {iso[k]}", [around, share])
