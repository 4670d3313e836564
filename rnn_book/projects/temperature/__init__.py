"""Tomorrow's temperature: the weather of the last two days in, the one of tomorrow out.

``python -m rnn_book.projects.temperature train|evaluate|forecast``
"""
