import numpy as np

from rnn_book import show

H = np.array([8, 64, 512])
product = 4 * H * H  # multiplications of one step of one sequence
element_wise = 25 * H  # five squashings of about four operations, and five more
show("share of the product", product / (product + element_wise))
