"""The evidence: every claim of the book as an experiment that a reader can run again.

``python -m rnn_book.experiments`` lists the claims. One module holds one claim:

- ``TITLE`` and ``QUESTION``, a sentence each, and ``SEEDS``, the number of seeds of the full
  version;
- ``plan(quick, runs)`` gives the settings (dictionaries for JSON) that are still to be run, or all;
  a claim that tunes gives its tuning first, and the rest once those are among ``runs``;
- ``run(setting, seed)`` trains or measures once and returns numbers for JSON. It depends on its
  arguments alone;
- ``data()``, where real data is used, gives the provenance of each data set;
- ``summarise(runs)`` boils the runs down to the numbers of tables and figures, ``verdict(summary)``
  states a rule and what follows from it, ``tables(summary)`` and ``figures(summary)`` show them.

`claims` finds the modules, `runner` runs them, `report` writes what the pages include.
"""
