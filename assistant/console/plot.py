"""Plots as pictures, drawn by pygal; the table beside each holds the same numbers and the links."""

import base64

import pygal
from pygal.style import Style

# Readable on light and dark: a browser may draw a picture before it knows which of them it is on.
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#6a7c77",
    foreground_strong="#6a7c77",
    foreground_subtle="#8a9a96",
    colors=("#2a8c82",),
    opacity="1",
    font_family="system-ui, sans-serif",
    label_font_size=13,
    major_label_font_size=13,
)
THEMES = (
    "inline:@media (prefers-color-scheme: light) {text {fill: #3d4f4b !important}}"
    "@media (prefers-color-scheme: dark) {text {fill: #b9c8c4 !important}}"
)
ROW_HEIGHT = 26
MOST_LABELS = 12


def bars(labels: list[str], counts: list[int | None]) -> str:
    """Returns upright bars as a `data:` address."""
    every = max(1, -(-len(labels) // MOST_LABELS))
    chart = pygal.Bar(width=760, height=260, show_minor_x_labels=False, **_options(counts))
    chart.x_labels = labels
    chart.x_labels_major = labels[::every]
    return _draw(chart, counts)


def rows(labels: list[str], counts: list[int | None]) -> str:
    """Returns bars that lie, the first on top, as a `data:` address."""
    height = 70 + ROW_HEIGHT * max(1, len(labels))
    chart = pygal.HorizontalBar(width=760, height=height, **_options(counts))
    chart.x_labels = labels[::-1]
    return _draw(chart, counts[::-1])


def _options(counts: list[int | None]) -> dict[str, object]:
    return {
        "style": STYLE,
        "show_legend": False,
        "js": [],
        "css": ["file://style.css", "file://graph.css", THEMES],
        "margin": 8,
        "spacing": 6,
        "range": (0, max(4, *(count or 0 for count in counts))) if counts else (0, 4),
        "value_formatter": lambda value: f"{value:,.0f}",
        "max_scale": 5,
        "truncate_label": -1,
        "include_x_axis": True,
        "disable_xml_declaration": True,
    }


def _draw(chart: pygal.graph.graph.Graph, counts: list[int | None]) -> str:
    chart.add("", [count or 0 for count in counts])
    return "data:image/svg+xml;base64," + base64.b64encode(chart.render().encode("utf-8")).decode("ascii")
