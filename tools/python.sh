#!/bin/sh
# Run its arguments with a Python that is new enough: the one that PYTHON names, else the first on
# the path. Shell, because the Python at hand may be too old to read this project's Python files.
enough='import sys; sys.exit(sys.version_info < (3, 11))'
version='import sys; print("%d.%d.%d" % sys.version_info[:3])'

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c "$enough" >/dev/null 2>&1
}

describe() {
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "there is no $1"
    elif found=$("$1" -c "$version" 2>/dev/null); then
        echo "$1 is Python $found"
    else
        echo "$1 does not run"
    fi
}

if [ -n "$PYTHON" ]; then
    if is_new_enough "$PYTHON"; then
        exec "$PYTHON" "$@"
    fi
    echo "Error: rnn_book needs Python 3.11 or newer, and $(describe "$PYTHON")." >&2
    exit 1
fi

for candidate in python3 python3.14 python3.13 python3.12 python3.11 python .venv/bin/python; do
    if is_new_enough "$candidate"; then
        exec "$candidate" "$@"
    fi
done

echo "Error: rnn_book needs Python 3.11 or newer, and $(describe python3)." \
    "Install one, or name it: PYTHON=/path/to/python3.12 make book" >&2
exit 1
