"""What people write, as a page shows it: paragraphs, emphasis, lists, quotations and links, and nothing else.

Two libraries, each enough by itself: markdown-it in its JavaScript-default preset passes no HTML and no dangerous link; nh3
lets through only the elements, attributes and kinds of link that are named here. Headings, tables and pictures stay as typed:
they would take the page's outline apart, or fetch something from elsewhere.
"""

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("js-default", {"html": False, "breaks": True}).disable(
    ["heading", "lheading", "table", "image", "code", "fence", "hr", "backticks", "strikethrough"]
)
_ELEMENTS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
_LINKS = {"https", "http", "mailto"}
_OURS = {
    "a": {"class": "govuk-link"},
    "ul": {"class": "govuk-list govuk-list--bullet"},
    "ol": {"class": "govuk-list govuk-list--number"},
    "blockquote": {"class": "govuk-inset-text"},
}


def prose(text: str | None, paragraph: str = "govuk-body") -> Markup:
    """The text as HTML that cannot harm whoever reads it; `paragraph` is the Design System's class of its paragraphs."""
    written = _MARKDOWN.render(text or "")
    safe = nh3.clean(
        written,
        tags=_ELEMENTS,
        attributes=_ATTRIBUTES,
        url_schemes=_LINKS,
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={**_OURS, "p": {"class": paragraph}},
    )
    return Markup(safe)  # noqa: S704 - nh3 has let through only what is named above


def register(app: Flask) -> None:
    """Make it a filter of every template."""
    app.jinja_env.filters["prose"] = prose
