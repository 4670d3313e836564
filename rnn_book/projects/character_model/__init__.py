"""A model that writes: characters in, a distribution over the next one out.

``python -m rnn_book.projects.character_model train|sample|evaluate|look``
"""
