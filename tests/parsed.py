"""Read parsed pages without changing them, since all tests of a process share them."""

from collections.abc import Callable, Iterator

from bs4 import NavigableString, Tag


def texts(tag: Tag, skipped: Callable[[Tag], object]) -> Iterator[str]:
    """Give the texts in a tag, but for those in tags that are skipped."""
    for child in tag.children:
        if isinstance(child, Tag):
            if not skipped(child):
                yield from texts(child, skipped)
        elif type(child) is NavigableString:  # and no comment
            yield child
