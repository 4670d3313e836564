"""Where a line of a page must not end (docs/_hooks/breaks.py)."""

import pytest

from tests.hooks import hook

S = "\u00a0"


@pytest.fixture
def joined():
    module = hook("breaks")
    return lambda content: module.on_page_content(content, None, None, None)


@pytest.mark.parametrize(
    "content, wanted",
    [
        ("<p>in 95 % of cases, at 2.9 °C</p>", f"<p>in 95{S}% of cases, at 2.9{S}°C</p>"),
        ("<td>2.67 ± 0.01</td>", f"<td>2.67{S}±{S}0.01</td>"),
        ("saves 0.04 [−0.01, +0.06]", f"saves 0.04 [−0.01,{S}+0.06]"),
        ("with T = 50 and <em>n</em> = 25", f"with T{S}={S}50 and <em>n</em> = 25"),
        ('<span class="formula">a</span> µs', f'<span class="formula">a</span>{S}µs'),
        ("<td>2 sigmoid − 1</td>", f"<td>2 sigmoid{S}−{S}1</td>"),
        ("last on 2026-11-27.", 'last on <span class="tied">2026-11-27</span>.'),
        ("9(8), 1735–1780", '9(8), <span class="tied">1735–1780</span>'),
        ("counted 5-grams", 'counted <span class="tied">5-grams</span>'),
        ("<code>make bench</code>", '<code class="tied">make bench</code>'),
        ("<code>h[-1]</code>", '<code class="tied">h[-1]</code>'),
        (
            "<code>python -m rnn_book.experiments stacking</code>",
            '<code>python <span class="tied">-m</span> rnn_book.experiments stacking</code>',
        ),
        (
            "<code>rnn_book/projects/character_model.py</code>",
            "<code>rnn_book/<wbr>projects/<wbr>character_model.py</code>",
        ),
    ],
)
def test_what_belongs_together_stays_in_one_line(joined, content, wanted):
    assert joined(content) == wanted


@pytest.mark.parametrize(
    "content",
    [
        "<p>half of 4 percent, 10 metres, and x, y</p>",
        "<pre><code>a = 5 % 3  # 2026-11-27</code></pre>",
        '<img alt="95 % right, 1735–1780">',
        "<code>layer</code>",
        "<code>https://example.org/one/two/three/four</code>",
    ],
)
def test_all_else_is_left_alone(joined, content):
    assert joined(content) == content
