"""The evidence: every claim of the book as an experiment that a reader can run again.

``python -m rnn_book.experiments`` lists the claims. One module holds one claim:

- ``TITLE`` and ``QUESTION``, a sentence each; ``SEEDS``, the number of seeds of the full version;
  ``COST``, the runs and minutes that it takes; where a former verdict was withdrawn, ``CHANGES``
  says what was wrong with it, and where a rule was changed after a look at its numbers, ``RULE``
  says so in place of "The rule, fixed beforehand";
- thresholds, margins and the values that are tuned are constants, fixed before the full run;
- ``plan(quick, runs)`` gives all settings (dictionaries for JSON) that follow from ``runs``, which
  are none or whole stages: a claim that tunes gives its tuning first, and the rest once those are
  among them;
- ``seeds(setting)``, if there is one, gives the indices of the seeds of a setting: other ones for
  tuning than for what is reported;
- ``run(setting, seed)`` trains or measures once and returns numbers for JSON. It depends on its
  arguments alone;
- ``data()``, where real data is used, gives the provenance of each data set;
- ``summarise(runs)`` boils the runs down to the numbers of tables and figures, ``verdict(summary)``
  states a rule and what follows from it, ``tables(summary)`` and ``figures(summary)`` show them.

- ``numbers(summary)``, if there is one, gives names to the numbers that the prose of pages uses.

`summarise` and the rest must bear that runs are missing; `report` then says so in the verdict.

`claims` finds the modules, `runner` runs them, `store` keeps finished runs, `report` writes what
the pages include. `intervals` and `tuning` are what the claims have in common.
"""
