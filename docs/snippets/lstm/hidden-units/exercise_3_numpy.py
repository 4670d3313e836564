from rnn_book import show
from rnn_book.numpy import example

stream = [*example.sequence()] * 3  # the sequence, three times over
cell, state, answers = example.cell(), None, []
for step, x_t in enumerate(stream, start=1):
    state = cell(x_t, state)
    if state[0][0, 0] > 0.5:
        answers.append(step)
show("answers at steps", answers)
