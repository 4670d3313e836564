"""What runs in a page, in Python: the browser's wheel holds this package beside `rnn_book`.

It needs NumPy and the standard library alone, and knows nothing of the browser: the worker in
docs/assets/run hands JSON in and takes JSON out, so that the tests can do the same.
"""
