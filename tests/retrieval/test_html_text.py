import pytest

from retrieval.importers.html_text import html_to_text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain",
        "5 < 6 & 7 > 3",
        "Sizes <M> and <L>",
        "Line\n  two ",
        "/search?a=1&param=2",
        "AT&T",
        "a <b",
        "R&D; more",
    ],
)
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert html_to_text(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>two</b></p>\n<p>three</p>", "One two\nthree"),
        ("A<br>B<br/>C<BR />D", "A\nB\nC\nD"),
        ("<ul><li>first</li><li>sec<i>on</i>d</li></ul>", "first\nsecond"),
        ("<table><tr><td>Width</td><td>3 cm</td></tr><tr><td>Depth</td><td>4</td></tr></table>", "Width 3 cm\nDepth 4"),
        ("Good<script>steal('<p>x</p>')</script><style>p {}</style><!-- hidden --> kettle", "Good kettle"),
        ("Caf&eacute; &amp; bar &#8211; 5&nbsp;&euro;", "Café & bar – 5 €"),
        ("Two lines\nof &amp;", "Two lines\nof &"),
        ("&lt;p&gt;Escaped twice&lt;/p&gt;", "Escaped twice"),
        ("<p>Never closed <b>anything", "Never closed anything"),
        ("<div>" * 20_000 + "deep", "deep"),
        ("<p>   </p>", ""),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    assert html_to_text(markup) == text
