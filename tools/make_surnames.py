"""Write rnn_book/data/surnames.tsv: surnames by language, from the lists of the Faker package.

Install the source into a scratch environment and run this with it:

    pip install faker==40.63.0
    python tools/make_surnames.py

Kept are names of one word of letters. Where a list tells men's names from women's, the men's and
the common ones are taken, since a pair such as Novák and Nováková would put one name into training
and test data. Names are compared without case and accents: one that several of the languages list
is dropped from all, one that a language lists twice stands once. Of longer lists CAP names are
drawn.
"""

import importlib
import random
import unicodedata
from collections import Counter
from importlib.metadata import distribution, version
from pathlib import Path

CAP = 410
SEED = 2013
DATA = Path(__file__).resolve().parents[1] / "rnn_book" / "data"
SOURCES = {
    "Croatian": ["hr_HR.last_names"],
    "Dutch": ["nl_NL.last_names"],
    "English": ["en_GB.last_names"],
    "Estonian": ["et_EE.last_names_est"],
    "Finnish": ["fi_FI.last_names"],
    "French": ["fr_FR.last_names"],
    "German": ["de_AT.last_names", "de_DE.last_names"],
    "Italian": ["it_IT.last_names"],
    "Polish": ["pl_PL.male_last_names", "pl_PL.unisex_last_names"],
    "Slovak": ["sk_SK.last_names_male"],
    "Spanish": ["es_ES.last_names"],
    "Swedish": ["sv_SE.last_names"],
}
# Letters that do not decompose into a plain one and a mark.
UNMARKED = str.maketrans({"ł": "l", "đ": "d", "ø": "o"})


def folded(name):
    marked = unicodedata.normalize("NFKD", name.casefold().translate(UNMARKED))
    return "".join(letter for letter in marked if not unicodedata.combining(letter))


def listed(source):
    locale, attribute = source.split(".")
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    return [unicodedata.normalize("NFC", name) for name in getattr(provider, attribute)]


def main():
    names: dict[str, dict[str, str]] = {}
    for language, sources in SOURCES.items():
        names[language] = {}
        for name in sorted(name for source in sources for name in listed(source)):
            if name.isalpha() and not name.isupper():
                names[language].setdefault(folded(name), name)
    languages_of = Counter(key for own in names.values() for key in own)
    rows = []
    for language, own in names.items():
        alone = [name for key, name in own.items() if languages_of[key] == 1]
        kept = random.Random(f"{SEED} {language}").sample(alone, min(CAP, len(alone)))
        rows += [f"{language}\t{name}\n" for name in sorted(kept)]
        print(f"{language:10} {len(own):5} listed {len(alone):5} in no other {len(kept):5} kept")
    (DATA / "surnames.tsv").write_text("".join(rows), encoding="utf-8", newline="\n")
    [licence] = [f for f in distribution("faker").files or [] if f.name == "LICENSE.txt"]
    (DATA / "surnames.LICENSE.txt").write_text(
        f"The names come from Faker {version('faker')}, which is published under this licence:\n\n"
        + licence.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    print(f"{len(rows)} names")


if __name__ == "__main__":
    main()
