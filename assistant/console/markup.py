"""Shows the small part of Markdown that replies are written in: paragraphs, lists, bold, links."""

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]\n]+)\]\(((?:https|tel|mailto):[^)\s]+)\)")
_BULLET = "- "


def as_html(text: str) -> Markup:
    """Returns safe HTML; whatever is no such mark is shown as it is."""
    blocks = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line.strip()]
        while lines:
            is_list = lines[0].startswith(_BULLET)
            count = next(
                (n for n, line in enumerate(lines) if line.startswith(_BULLET) != is_list), len(lines)
            )
            blocks.append(_list(lines[:count]) if is_list else _paragraph(lines[:count]))
            lines = lines[count:]
    return Markup("\n").join(blocks)


def _list(lines: list[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(_inline(line[len(_BULLET) :])) for line in lines)
    return Markup("<ul>{}</ul>").format(items)


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in lines))


def _inline(line: str) -> Markup:
    # escaped first: what the patterns put in is the only HTML there is
    safe = str(escape(line))
    safe = _LINK.sub(r'<a href="\2" rel="noreferrer noopener">\1</a>', safe)
    return Markup(_BOLD.sub(r"<strong>\1</strong>", safe))
