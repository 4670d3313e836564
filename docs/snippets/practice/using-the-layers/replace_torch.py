import torch

from rnn_book import show
from rnn_book.torch import LSTM


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(8, 16, num_layers=2, batch_first=True)
        self.head = torch.nn.Linear(16, 3)

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output)


old, new = Tagger(), Tagger()
new.lstm = LSTM(8, 16, num_layers=2, batch_first=True)  # the line
new.load_state_dict(old.state_dict())  # strict, as always

x = torch.randn(4, 10, 8, generator=torch.Generator().manual_seed(0))
show("the same numbers", torch.equal(new(x), old(x)))
show("a torch.nn.LSTM", isinstance(new.lstm, torch.nn.LSTM))
old.load_state_dict(new.state_dict())  # and the way back
