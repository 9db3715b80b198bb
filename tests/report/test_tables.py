"""Tables give way on purpose: sentences wrap, words and tokens are cut, figures never."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from aifactory_iac.report.tables import heading, pairs, rendered, table

ROWS = [
    ("superpod", "kubernetes:networking.k8s.io/v1:NetworkPolicy", "1,016", "It holds every day."),
    ("x", "aws:ec2:Vpc", "8", "No."),
]
COLUMNS = ("name", "type", "count", "why")


def shown(width: int) -> list[str]:
    made = table(COLUMNS, ROWS, right=("count",), wrapped=("why",), tokens=("type",))
    return rendered([made], colour=False, width=width).splitlines()


def test_with_room_nothing_is_cut():
    assert shown(100) == [
        "name      type                                           count  why",
        "superpod  kubernetes:networking.k8s.io/v1:NetworkPolicy  1,016  It holds every day.",
        "x         aws:ec2:Vpc                                        8  No.",
    ]


def test_a_token_loses_its_middle_and_keeps_its_end():
    assert shown(60) == [
        "name      type                    count  why",
        "superpod  kuberne…:NetworkPolicy  1,016  It holds every day.",
        "x         aws:ec2:Vpc                 8  No.",
    ]


def test_words_are_cut_with_an_ellipsis_the_widest_first():
    made = table(("a", "b"), [("a" * 30, "b" * 20)])
    assert (
        rendered([made], colour=False, width=34).splitlines()[1]
        == "a" * 15 + "…  " + "b" * 15 + "…"
    )
    assert rendered([made], colour=False, width=48).splitlines()[1] == ("a" * 25 + "…  " + "b" * 20)


def test_a_sentence_wraps_between_words_in_its_own_column():
    made = table(("rule", "holds"), [("AIF-1", "one two three four five six seven eight")],
                 wrapped=("holds",))  # fmt: skip
    assert rendered([made], colour=False, width=31).splitlines() == [
        "rule   holds",
        "AIF-1  one two three four five",
        "       six seven eight",
    ]


def test_a_word_longer_than_its_column_is_folded_and_not_lost():
    made = table(("x",), [("y" * 30,)], wrapped=("x",))
    lines = rendered([made], colour=False, width=24).splitlines()
    assert "".join(lines[1:]) == "y" * 30


def test_wide_characters_count_twice():
    made = table(("name", "next"), [("工場" * 4, "b")])
    assert rendered([made], colour=False, width=100).splitlines()[1] == "工場工場工場工場  b"


def test_pairs_have_no_header_and_long_values_wrap():
    assert rendered([pairs([("a", "1"), ("long name", "v " * 30)])], colour=False, width=40) == (
        "a          1\n"
        "long name  v v v v v v v v v v v v v v v\n"
        "           v v v v v v v v v v v v v v v\n"
    )


def test_no_rows_are_a_header_only():
    assert rendered([table(("a", "b"), [])], colour=False) == "a  b\n"


def test_a_heading_has_room_above_it():
    assert rendered([heading("Title")], colour=False) == "\nTitle\n"


def test_colours_only_where_asked_for():
    cell = Text("red", style="red")
    assert rendered([table(("a",), [(cell,)])], colour=False) == "a\nred\n"
    assert "\x1b[31mred" in rendered([table(("a",), [(cell,)])], colour=True)


def test_square_brackets_are_text_and_not_markup():
    assert rendered([pairs([("a", "[red]links[0][/red]")])], colour=False) == (
        "a  [red]links[0][/red]\n"
    )


def test_what_a_document_says_cannot_act_on_the_terminal():
    made = table(("a",), [("\x1b[2J\nnext",)])
    assert rendered([heading("\x1b"), made], colour=False) == "\n␛\na\n␛[2J next\n"


WORD = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=60)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(WORD, WORD, st.integers(0, 10**6).map(str), WORD), max_size=4),
    width=st.integers(60, 140),
)
def test_a_table_never_exceeds_its_width_and_never_cuts_a_figure(rows, width):
    made = table(COLUMNS, rows, right=("count",), wrapped=("why",), tokens=("type",))
    text = rendered([made], colour=False, width=width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert all(figure in text for _, _, figure, _ in rows)
