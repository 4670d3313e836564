import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, CoupledLSTM, NoForgetGateLSTM, PeepholeLSTM

sizes = {"input_size": 3, "hidden_size": 4, "rng": 0, "dtype": "float64"}
x = torch.tensor(np.random.default_rng(1).standard_normal((6, 2, 3)))
plain, peephole = LSTM(**sizes), PeepholeLSTM(**sizes)
coupled, unforgetting = CoupledLSTM(**sizes), NoForgetGateLSTM(**sizes)

peephole.load_state_dict(
    {**plain.state_dict(), "weight_peephole_l0": torch.zeros(12)}
)
show("peepholes of 0", abs(plain(x)[0] - peephole(x)[0]).max() < 1e-12)

rows = coupled.state_dict()  # f, g, o
rows = {n: torch.cat([-w[:4], w]) for n, w in rows.items()}
plain.load_state_dict(rows)
show("i rows = minus f rows", abs(plain(x)[0] - coupled(x)[0]).max() < 1e-12)

rows = unforgetting.state_dict()  # i, g, o
rows = {n: torch.cat([w[:4], 0 * w[:4], w[4:]]) for n, w in rows.items()}
rows["bias_ih_l0"][4:8] = 50.0
plain.load_state_dict(rows)
show("forget bias of 50", abs(plain(x)[0] - unforgetting(x)[0]).max() < 1e-12)
