"""Real data that needs no download: it ships with Python, with this package, or with scikit-learn.

Nothing is fetched at run time. Every loader returns a record whose ``provenance`` belongs into the
result of an experiment, and whose ``report`` counts what had to be mended or left out. Origins and
licences of the shipped files stand in data/README.md beside this package.
"""

from rnn_book.datasets.airport import Weather, Windows, weather
from rnn_book.datasets.corpora import Corpus, reference_text, standard_library_source
from rnn_book.datasets.images import Digits, digits
from rnn_book.datasets.names import Names, Surnames, surnames
from rnn_book.datasets.rhyme import Rhyme, rhyme
from rnn_book.datasets.roles import ROLES, token_labels
from rnn_book.datasets.vocabulary import Vocabulary, consecutive, streams

__all__ = [
    "ROLES",
    "Corpus",
    "Digits",
    "Names",
    "Rhyme",
    "Surnames",
    "Vocabulary",
    "Weather",
    "Windows",
    "consecutive",
    "digits",
    "reference_text",
    "rhyme",
    "standard_library_source",
    "streams",
    "surnames",
    "token_labels",
    "weather",
]
