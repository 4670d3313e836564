# The logic is in tools/ (standard library only). Variables, all optional:
#   PYTHON=python3.12   the interpreter that a new environment is made with
#   PORT=8000           where `make book` starts to look for a free port
#   NAME=…              one experiment, for `make experiments`
#   BASE=main           what `make check` compares with
RUN := @sh tools/python.sh -m

.PHONY: help book test check sweep all downloads figures experiments bench clean

help: ## list the targets
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

book: ## set up, build the book and serve it on this machine
	$(RUN) tools.book

test: ## set up, then lint, types, strict build and tests, with one summary
	$(RUN) tools.check test

check: ## what the files that differ from main can touch, in two minutes
	$(RUN) tools.check check

sweep: ## what takes too long for every change: all pages in a browser, small experiments
	$(RUN) tools.check sweep

all: ## test and sweep
	$(RUN) tools.check all

downloads: ## the book as one PDF and as a zip to open without a network, and the site with both
	$(RUN) tools.downloads

figures: ## draw every figure anew
	$(RUN) tools.run figures

experiments: ## rerun the experiments (NAME=one for a single one)
	$(RUN) tools.run experiments $(or $(NAME),all)

bench: ## run the benchmarks
	$(RUN) tools.run bench

clean: ## remove the built site and all caches (the environment stays: rm -r .venv)
	rm -rf site .cache .pytest_cache .ruff_cache .mypy_cache .hypothesis
