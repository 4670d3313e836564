import numpy as np

from rnn_book import show
from rnn_book.projects.character_model.masks import Masks


def mask(begin, end):
    parent = Masks.seeded(0)
    (child,) = parent.spawn(1)
    parent.start(seed=0, update=7, begin=begin, end=end, whole=4)
    return (child.random((end - begin, 6), dtype=np.float32) >= 0.5).astype(int)


show("one process, sequences 0 to 3", mask(0, 4))
show("of two, the first", mask(0, 2))
show("of two, the second", mask(2, 4))
