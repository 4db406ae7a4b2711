"""What the widget's modules become before they are served."""

from pathlib import Path

from assistant.server.bundle import compact, joined


def test_modules_are_joined_once_and_in_the_order_of_need(tmp_path: Path) -> None:
    """Imports go, exports lose the word, and what two modules need stands once, before them."""
    (tmp_path / "base.js").write_text("export const base = 1;\n")
    (tmp_path / "one.js").write_text('import { base } from "./base.js";\nexport const one = base;\n')
    (tmp_path / "top.js").write_text(
        'import { base } from "./base.js";\nimport { one } from "./one.js";\nexport function top() {\n}\n'
    )

    assert joined(tmp_path / "top.js").split() == (
        ["const", "base", "=", "1;", "const", "one", "=", "base;", "function", "top()", "{", "}"]
    )


def test_comments_and_blanks_go_and_texts_stay() -> None:
    """What looks like a comment in a string, a template or a regular expression is none."""
    script = """
// gone
const url = "https://a.example/* here */"; /* gone */
send(`two  words // kept`, /\\/\\* [/"]+/g, 4 / 2 / 1);
"""

    assert compact(script) == (
        'const a="https://a.example/* here */";send(`two  words // kept`,/\\/\\* [/"]+/g,4/2/1);'
    )


def test_names_become_short_where_nothing_else_has_them() -> None:
    """Private members and declared names; never properties, keys, globals or what is exported."""
    script = """
class Panel { #secret = 1; get() { return this.#secret; } }
const { title, other = 2 } = options;
const message = (text, places) => ({ text, open: `${message.title} ${places}` });
function create() { return new Panel(title, other, document, message); }
"""

    short = compact(script, exports=("create",))

    for name in ("title", "other", "options", "document", "open:", "text", "function create()"):
        assert name in short
    for name in ("Panel", "secret", "message", "places"):
        assert name not in short
    assert short.endswith("export{create};")


def test_signs_that_would_join_stay_apart() -> None:
    """`a + +b` is not `a++b`, and words keep one blank."""
    assert compact("x = y + +z; return typeof x in y") == "x=y+ +z;return typeof x in y"


def test_a_style_sheet_in_a_template_loses_its_blanks() -> None:
    """Blanks that mean something in CSS stay: between selectors and around a sum."""
    sheet = "sheet(`\n.a .b {\n  width: calc(1px + 2px);\n  color: red;\n}\n`);"

    assert compact(sheet) == "sheet(` .a .b{width:calc(1px + 2px);color:red}`);"
