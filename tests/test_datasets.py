"""Real data: what ships is what the book counts on, and no part leaks into another."""

import csv
import gzip
import hashlib
import io
import itertools
import platform
import re
import subprocess
import sys
import sysconfig
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import rnn_book
from rnn_book import datasets
from rnn_book.datasets import corpora

DATA = Path(rnn_book.__file__).parent / "data"
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def year():
    return datasets.weather()


@pytest.fixture(scope="module")
def names():
    return datasets.surnames()


@pytest.fixture(scope="module")
def rows():
    """The weather file once more, read row by row."""
    text = gzip.decompress((DATA / "weather.csv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module", params=["reference_text", "standard_library_source"])
def corpus(request):
    return getattr(datasets, request.param)()


# Vocabulary and streams


def test_decoding_undoes_encoding():
    text = "zebra, ä\n€𝄞"
    vocabulary = datasets.Vocabulary(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert sorted(vocabulary.encode(text).tolist()) == list(range(1, len(vocabulary)))
    assert vocabulary.symbols == "".join(sorted(text))


def test_unknown_symbols_are_zero():
    vocabulary = datasets.Vocabulary(["bb", "ab"], min_count=2)
    assert vocabulary.encode("abc𝄞").tolist() == [0, 1, 0, 0]
    assert vocabulary.decode([0, 1]) == "\ufffdb"
    assert len(vocabulary) == 2
    assert len(datasets.Vocabulary("")) == 1
    assert datasets.Vocabulary("").encode("xy").tolist() == [0, 0]


@pytest.mark.parametrize("numbers", [[-1], [0, 3]])
def test_numbers_of_no_symbol_are_refused(numbers):
    with pytest.raises(ValueError, match=r"numbers must be from 0 to 2"):
        datasets.Vocabulary("ab").decode(numbers)


def test_a_batch_of_texts_is_padded_with_zero():
    numbers, lengths = datasets.Vocabulary("abc").encode_batch(["ab", "", "cab"])
    assert_array_equal(numbers.T, [[1, 2, 0], [0, 0, 0], [3, 1, 2]])
    assert lengths.tolist() == [2, 0, 3]
    numbers, lengths = datasets.Vocabulary("abc").encode_batch([])
    assert numbers.shape == (0, 0)


@pytest.mark.parametrize("length, batch", [(12, 3), (14, 3), (5, 5), (7, 1)])
def test_streams_side_by_side_make_the_text_again(length, batch):
    stream = datasets.streams(np.arange(length), batch)
    assert stream.shape == (length // batch, batch)
    assert_array_equal(stream.T.ravel(), np.arange(length // batch * batch))


@pytest.mark.parametrize("steps", [1, 3, 4, 9, 50])
def test_every_entry_but_the_first_is_a_target_once(steps):
    stream = datasets.streams(np.arange(20), 2)
    inputs, targets = zip(*datasets.consecutive(stream, steps), strict=True)
    assert_array_equal(np.concatenate(inputs), stream[:-1])
    assert_array_equal(np.concatenate(targets), stream[1:])
    assert all(len(i) == len(t) <= steps for i, t in zip(inputs, targets, strict=True))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: datasets.streams(np.arange(2), 3), "numbers must have an entry for each of 3"),
        (lambda: datasets.streams(np.arange(2), 0), "batch must be greater than zero"),
        (lambda: datasets.consecutive(np.zeros((1, 2)), 3), "stream must have at least 2 steps"),
        (lambda: datasets.consecutive(np.zeros((5, 2)), 0), "steps must be greater than zero"),
        (lambda: datasets.Vocabulary("a", min_count=0), "min_count must be greater than zero"),
        (lambda: datasets.digits(read="columns"), "read must be 'rows' or 'pixels', got 'columns'"),
    ],
)
def test_an_impossible_request_names_the_argument(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# Corpora


def test_the_reports_counts_are_those_of_the_texts(corpus):
    assert corpus.report["characters"] == len(corpus.text)
    assert corpus.report["symbols"] == len(set(corpus.text))
    for part in PARTS:
        assert corpus.report[f"{part}_characters"] == len(getattr(corpus, part))
    assert len(corpus.train) > 7 * len(corpus.validation)
    assert len(corpus.train) > 7 * len(corpus.test)


def test_the_hash_decides_whether_a_text_is_the_books(corpus):
    own = hashlib.sha256(corpus.text.encode()).hexdigest()
    assert corpus.sha256 == own
    assert corpus.provenance["sha256"] == own
    assert corpus.provenance["python"] == platform.python_version()
    if platform.python_version() == corpora.RECORDED_PYTHON:
        assert corpus.as_recorded
    assert corpus.provenance["as_recorded"] == corpus.as_recorded
    assert ("numbers measured with the one say nothing" in corpus.note) != corpus.as_recorded


def test_another_text_is_noted_as_another(corpus):
    other = datasets.Corpus(corpus.name, corpus.text + " ", "", "", "", {})
    assert not other.as_recorded
    assert f"of this Python {platform.python_version()} is not the book's" in other.note


def test_hardly_a_line_of_the_training_text_comes_back_elsewhere(corpus):
    """Short lines do by chance; long ones do where one text quotes another."""
    known = {line.strip() for line in corpus.train.split("\n")}
    for part in (corpus.validation, corpus.test):
        lines = [line.strip() for line in part.split("\n") if len(line.strip()) > 40]
        assert len(lines) > 300
        assert sum(line in known for line in lines) / len(lines) < 0.01


def test_every_paragraph_of_the_reference_stands_in_one_part():
    text = datasets.reference_text()
    paragraphs = [p.strip() for part in PARTS for p in getattr(text, part).split("\n\n")]
    assert len(paragraphs) == text.report["paragraphs"] - text.report["repeated_paragraphs"]
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(p in text.text for p in paragraphs)


def test_source_is_that_of_the_modules_named():
    source = datasets.standard_library_source()
    listed = {part: modules.split() for part, modules in corpora._MODULES.items()}
    everything = [module for modules in listed.values() for module in modules]
    assert len(set(everything)) == len(everything) == 130
    assert "locale" in listed["train"]
    assert source.text == source.train + source.validation + source.test
    statistics = Path(sysconfig.get_path("stdlib"), "statistics.py").read_text(encoding="utf-8")
    assert statistics.strip() in source.test
    assert "\r" not in source.text


def test_missing_modules_are_counted(monkeypatch, tmp_path):
    (tmp_path / "calendar.py").write_text("x = 1\n\n\n")
    monkeypatch.setattr(corpora.sysconfig, "get_path", lambda name: str(tmp_path))
    source = datasets.standard_library_source()
    assert (source.train, source.test) == ("", "x = 1\n")
    assert source.report["missing_modules"] == 129
    assert not source.as_recorded
    (tmp_path / "calendar.py").unlink()
    with pytest.raises(FileNotFoundError, match="this Python has no source files"):
        datasets.standard_library_source()


# Labels of source


def test_labels_are_those_marked_by_hand():
    source = (
        "class A(B):  # f(x)\n"
        '    def run(self, x=r"a(b"):\n'
        '        return self.run(f(x), f"{run(x)}" "b"\n'
        "                        ) + print (x)\n"
        "if (x): y = [z  # (\n"
        '    ("q"), match(x)]; """two\n'
        'lines"""\n'
    )
    marks = (
        "kkkkk o o    ______\n"
        "    kkk ooo oooo  o  _____\n"
        "        kkkkkk oooo ccc c o    __________ ___\n"
        "                            ccccc  o\n"
        "kk  o   o    c  ___\n"
        "     ___   ccccc o    ______\n"
        "________\n"
    )
    roles, inside = datasets.token_labels(source)
    drawn = ""
    for symbol, role, text in zip(source, roles, inside, strict=True):
        if symbol == "\n":
            drawn += symbol
        else:
            drawn += "_" if text else " kco"[role]
    for line, own, expected in zip(
        source.split("\n"), drawn.split("\n"), marks.split("\n"), strict=True
    ):
        assert own.rstrip() == expected.rstrip(), line


def test_labels_cover_names_and_texts_of_a_whole_corpus_part():
    source = datasets.standard_library_source().validation
    roles, inside = datasets.token_labels(source)
    assert len(roles) == len(inside) == len(source)
    assert not (inside & (roles > 0)).any()
    # Whatever is outside of texts and looks like a name has a role, but for prefixes and numbers.
    outside = "".join(" " if text else symbol for symbol, text in zip(source, inside, strict=True))
    words = list(re.finditer(r"(?<![\w.])[^\W\d]\w*", outside))
    assert len(words) > 10_000
    bare = {m[0] for m in words if not roles[m.start() : m.end()].all()}
    assert {word.lower() for word in bare} <= {"r", "b", "f", "u", "rb", "br", "rf", "fr"}
    # A line whose first character but blanks is # is a comment, or a line of some string.
    for comment in re.finditer(r"^ *(#.*)$", source, re.MULTILINE):
        assert inside[comment.start(1) : comment.end(1)].all()


# Weather


def test_the_weather_files_faults_are_counted(year, rows):
    """Counted once more, row by row, with the standard library alone."""
    stamps = [datetime.fromisoformat(row["time_hour"]) for row in rows]
    span = (max(stamps) - min(stamps)) // timedelta(hours=1) + 1
    gaps = [(b - a) // timedelta(hours=1) - 1 for a, b in pairwise(stamps)]
    locals_ = [(row["month"], row["day"], row["hour"]) for row in rows]
    winds = [float(r["wind_speed"]) for r in rows if r["wind_speed"] != "NA"]
    expected = {
        "rows": len(rows),
        "hours": span,
        "missing_hours": sum(gaps),
        "longest_gap": max(gaps),
        "doubled_local_hours": len(locals_) - len(set(locals_)),
        "impossible_winds": sum(wind > 300 for wind in winds),
        "highest_wind_mph": round(max(winds), 2),
        "variable_winds": sum(r["wind_dir"] == "NA" != r["wind_speed"] for r in rows),
        "missing_temperatures": sum(r["temp"] == "NA" for r in rows),
        "missing_dew_points": sum(r["dewp"] == "NA" for r in rows),
        "missing_humidities": sum(r["humid"] == "NA" for r in rows),
        "missing_pressures": sum(r["pressure"] == "NA" for r in rows),
        "missing_winds": sum(r["wind_speed"] == "NA" for r in rows),
    }
    assert {name: year.report[name] for name in expected} == expected
    assert (expected["missing_hours"], expected["impossible_winds"]) == (27, 1)
    assert (expected["doubled_local_hours"], expected["highest_wind_mph"]) == (1, 1048.36)
    assert expected["missing_pressures"] == 935


def test_hours_follow_one_another(year):
    assert set(np.diff(year.hours)) == {np.timedelta64(1, "h")}
    assert year.values.shape == year.observed.shape == (len(year.hours), 7)
    assert year.report["hours"] == len(year.hours)


def test_values_are_the_files_in_other_units(year, rows):
    place = {str(hour): i for i, hour in enumerate(year.hours)}
    for row in rows[::97]:
        i = place[row["time_hour"][:13]]
        own = dict(zip(year.features, year.values[i], strict=True))
        assert own["temperature"] * 9 / 5 + 32 == pytest.approx(float(row["temp"]))
        assert own["dew_point"] * 9 / 5 + 32 == pytest.approx(float(row["dewp"]))
        assert own["humidity"] == float(row["humid"])
        assert own["wind_speed"] == pytest.approx(float(row["wind_speed"]) * 1609.344 / 3600)
        if row["wind_dir"] == "NA":
            assert own["wind_east"] == own["wind_north"] == 0
        else:
            assert np.hypot(own["wind_east"], own["wind_north"]) == pytest.approx(own["wind_speed"])
            if own["wind_speed"]:
                towards = np.degrees(np.arctan2(own["wind_east"], own["wind_north"]))
                assert (towards + 180 - float(row["wind_dir"]) + 1) % 360 == pytest.approx(1)
        if row["pressure"] != "NA":
            assert own["pressure"] == float(row["pressure"])


def test_values_are_plausible_everywhere(year):
    assert np.isfinite(year.values).all()
    lowest, highest = year.values.min(axis=0), year.values.max(axis=0)
    bounds = {
        "temperature": (-15, 40),
        "dew_point": (-30, 30),
        "humidity": (0, 100),
        "pressure": (980, 1050),
        "wind_speed": (0, 25),
        "wind_east": (-25, 25),
        "wind_north": (-25, 25),
    }
    for name, low, high in zip(year.features, lowest, highest, strict=True):
        assert bounds[name][0] <= low < high <= bounds[name][1]


def test_gaps_hold_the_last_value_observed_and_never_the_next(year):
    for column in range(7):
        last = None
        for value, seen in zip(year.values[:, column], year.observed[:, column], strict=True):
            last = value if seen else last
            assert value == last
    assert (~year.observed).sum() == year.report["filled_values"]
    spike = np.datetime64("2013-02-12T08", "h")
    assert not year.observed[year.hours == spike][0, year.features.index("wind_speed")]


def test_blocks_share_no_hour_and_leave_none_out(year):
    everything = range(len(year.hours))
    hours = [h for part in PARTS for block in year.blocks(part) for h in everything[block]]
    assert sorted(hours) == list(everything)
    with pytest.raises(ValueError, match="part must be one of 'train', 'validation', 'test', got"):
        year.blocks("tests")


@pytest.mark.parametrize("past, ahead", [(48, 24), (1, 1), (300, 36)])
def test_no_window_crosses_a_block(year, past, ahead):
    used = {}
    for part in PARTS:
        now = year.windows(part, past=past, ahead=ahead).now
        used[part] = {(n - past + 1 + k) for n in now for k in range(past + ahead)}
        blocks = [set(range(len(year.hours))[block]) for block in year.blocks(part)]
        for n in now:
            own = next(block for block in blocks if n in block)
            assert {n - past + 1, n + ahead} <= own
        assert len(set(now)) == len(now) > 0
    assert not used["train"] & used["validation"]
    assert not used["train"] & used["test"]
    assert not used["validation"] & used["test"]


def test_windows_hold_the_hours_before_and_the_change_after(year):
    windows = year.windows("test", standardised=False)
    temperature = year.values[:, 0]
    assert windows.inputs.shape == (48, len(windows.now), 7)
    for k in range(0, len(windows.now), 50):
        n = windows.now[k]
        assert_array_equal(windows.inputs[:, k], year.values[n - 47 : n + 1])
        assert windows.targets[k, 0] == temperature[n + 24] - temperature[n]


def test_windows_without_an_observed_answer_are_counted(year):
    possible = sum(block.stop - block.start - 71 for block in year.blocks("train"))
    windows = year.windows("train")
    assert year.observed[windows.now, 0].all()
    assert year.observed[windows.now + 24, 0].all()
    assert windows.left_out == possible - len(windows.now)
    assert windows.left_out > 0


def test_only_training_hours_set_the_scale(year):
    mean, deviation = year.scale()
    train = np.concatenate([year.values[block] for block in year.blocks("train")])
    seen = np.concatenate([year.observed[block] for block in year.blocks("train")])
    for i in range(7):
        assert mean[i] == pytest.approx(train[seen[:, i], i].mean())
        assert deviation[i] == pytest.approx(train[seen[:, i], i].std())
    raw, scaled = year.windows("validation", standardised=False), year.windows("validation")
    assert_allclose(scaled.inputs * deviation + mean, raw.inputs, atol=1e-12)
    assert_array_equal(scaled.targets, raw.targets)


@pytest.mark.parametrize("past, ahead", [(0, 1), (1, 0), (336, 1)])
def test_windows_that_fit_no_block_are_refused(year, past, ahead):
    with pytest.raises(ValueError, match=r"past|ahead"):
        year.windows("train", past=past, ahead=ahead)


# Surnames


def folded(name):
    return name.casefold().translate(str.maketrans("áéíóúàèäöüõčšž", "aeiouaeaouocsz"))


def test_the_list_has_twelve_languages_and_no_name_twice(names):
    everything = [*names.train.texts, *names.validation.texts, *names.test.texts]
    assert len(names.languages) == 12
    assert len(everything) == names.report["names"] == 4724
    assert len({folded(name) for name in everything}) == len(everything)
    assert all(name.isalpha() for name in everything)
    lines = (DATA / "surnames.tsv").read_text(encoding="utf-8").splitlines()
    label = dict(reversed(line.split("\t")) for line in lines)
    for part in PARTS:
        own = getattr(names, part)
        assert [label[t] for t in own.texts] == [names.languages[i] for i in own.labels]


def test_every_part_has_every_language_in_proportion(names):
    counts = {part: np.bincount(getattr(names, part).labels, minlength=12) for part in PARTS}
    total = sum(counts.values())
    assert total.max() == 410
    assert total.min() > 300
    for part, share in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
        assert_allclose(counts[part], share * total, atol=1)
        assert names.report[part] == counts[part].sum()


def test_the_split_follows_the_seed(names):
    assert datasets.surnames(rng=0).test.texts == names.test.texts
    assert datasets.surnames(rng=1).test.texts != names.test.texts


@pytest.mark.parametrize("size", [1, 12, 200, 3000])
def test_a_sample_of_names_keeps_the_proportions(names, size):
    sample = names.train.sample(size, rng=3)
    assert len(set(sample.texts)) == len(sample) == size
    label = dict(zip(names.train.texts, names.train.labels, strict=True))
    assert [label[text] for text in sample.texts] == sample.labels.tolist()
    share = size * np.bincount(names.train.labels) / len(names.train)
    assert np.abs(np.bincount(sample.labels, minlength=12) - share).max() <= 1
    assert sample.texts == names.train.sample(size, rng=3).texts
    if size < 3000:
        assert sample.texts != names.train.sample(size, rng=4).texts
    with pytest.raises(ValueError, match="size must be at most 3306"):
        names.train.sample(3307, rng=3)


def test_names_are_encoded_letter_by_letter(names):
    numbers, lengths = names.test.encode(names.vocabulary)
    assert numbers.shape == (max(map(len, names.test.texts)), len(names.test))
    for n, text in enumerate(names.test.texts):
        known = "".join(c if c in names.vocabulary.symbols else "\ufffd" for c in text)
        assert names.vocabulary.decode(numbers[: lengths[n], n]) == known
        assert not numbers[lengths[n] :, n].any()
    assert names.vocabulary.symbols == "".join(sorted(set("".join(names.train.texts))))


# Digits


@pytest.mark.parametrize("read, steps, features", [("rows", 8, 8), ("pixels", 64, 1)])
def test_digits_are_read_from_the_top_left(read, steps, features):
    sklearn = pytest.importorskip("sklearn.datasets")
    images, labels = sklearn.load_digits(return_X_y=True)
    digits = datasets.digits(read=read)
    whole = {tuple(image): label for image, label in zip(images / 16, labels, strict=True)}
    total = 0
    for inputs, targets in (digits.train, digits.validation, digits.test):
        assert inputs.shape == (steps, len(targets), features)
        assert inputs.min() >= 0
        assert inputs.max() <= 1
        for n, target in enumerate(targets):
            assert whole[tuple(inputs[:, n].ravel())] == target
        assert_allclose(np.bincount(targets), np.bincount(labels) * len(targets) / 1797, atol=1)
        total += len(targets)
    assert total == digits.report["images"] == len(labels) == 1797


def test_without_scikit_learn_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape("pip install 'rnn-book[experiments]'")):
        datasets.digits()


# All of it


def test_importing_loads_neither_torch_nor_scikit_learn():
    code = (
        "import sys, rnn_book.datasets, rnn_book.tasks, rnn_book.baselines;"
        "print({'numpy', 'torch', 'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{'numpy'}\n", "")


def test_shipped_files_are_small_and_have_an_origin():
    notes = (DATA / "README.md").read_text(encoding="utf-8")
    shipped = {path.name for path in DATA.iterdir()} - {"README.md"}
    assert all(name in notes for name in shipped)
    assert all((DATA / name).stat().st_size < 200_000 for name in shipped)
    assert "Permission is hereby granted" in (DATA / "surnames.LICENSE.txt").read_text()


def test_provenance_holds_a_hash(year, names):
    pytest.importorskip("sklearn")
    for record in (year, names, datasets.digits()):
        assert re.fullmatch("[0-9a-f]{64}", record.provenance["sha256"])
    assert names.sha256 == hashlib.sha256((DATA / "surnames.tsv").read_bytes()).hexdigest()


def test_shipped_files_are_those_the_results_were_measured_with(year, names):
    """A file made anew is a new data set: results, and these hashes, belong into its commit."""
    assert year.sha256 == "e906d0a6906da02b79caa3f223a2693dd37686c68344178f6cb3e9e83023971f"
    assert names.sha256 == "42a05bb8c14e5b2ee9b074ef45eb5bd60ab7200ae4fcc42ceddf802396f2f697"


def test_each_verse_of_the_rhyme_repeats_all_verses_before_it():
    text = datasets.rhyme()
    verses = (text.train + text.validation).removesuffix("\n\n").split("\n\n")
    assert (len(verses), len(text.train), len(text.validation)) == (11, 1242, 685)
    for before, verse in itertools.pairwise(verses):
        assert verse.startswith("This is the ")
        assert verse.endswith(before.removeprefix("This is "))
    assert verses[2] == (
        "This is the rat\nthat ate the malt\nthat lay in the house that Jack built."
    )
    assert "cock" not in text.train
    assert set(text.validation) <= set(text.train)
