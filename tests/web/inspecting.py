"""A test client that inspects every page it opens. A test that uses it checks its own story; this checks the page's build.

page = client.page("/places")
page.heading, page.text, page.links["Alderbank"]
client.submit(page.form("/sign-in"), person="p-amara")
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_FIELDS = ("input", "select", "textarea")
_UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
_POINTING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")
_LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands in a page: where it goes, and what it would send if nobody touched it."""

    action: str
    method: str
    values: dict[str, list[str]]


class Page:
    """One page, parsed; `response` is what the server answered."""

    def __init__(self, response: TestResponse) -> None:
        """Parse strictly. Raises html5lib's ParseError for anything that a browser would have to mend."""
        self.response = response
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.root: Element = parser.parse(response.get_data(as_text=True))
        for part in self.root.iter():
            part.tag = part.tag.rpartition("}")[2]  # a drawing's parts come with their namespace

    @property
    def heading(self) -> str:
        """The text of its `h1`."""
        return text_of(next(self.root.iter("h1")))

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return text_of(next(self.root.iter("title")))

    @property
    def text(self) -> str:
        """All that can be read in its main part."""
        return text_of(next(self.root.iter("main")))

    @property
    def links(self) -> dict[str, str]:
        """Addresses by the words of their links."""
        return {text_of(link): link.attrib["href"] for link in self.root.iter("a")}

    @property
    def errors(self) -> list[str]:
        """The sentences of its error summary."""
        summaries = [part for part in self.root.iter("div") if "govuk-error-summary" in part.get("class", "").split()]
        return [text_of(line) for part in summaries for line in part.iter("li")]

    def form(self, action: str = "") -> Form:
        """The form that goes to `action`; without one, the only form of the main part."""
        found = [form for form in next(self.root.iter("main")).iter("form") if action in {"", form.get("action")}]
        if len(found) != 1:
            actions = [form.get("action") for form in self.root.iter("form")]
            raise AssertionError(f"{len(found)} forms for “{action}” among {actions}")
        return Form(found[0].get("action", ""), found[0].get("method", "get").lower(), dict(_sent(found[0])))

    def table(self, caption: str) -> list[list[str]]:
        """The rows of the table with this caption, its head first."""
        for table in self.root.iter("table"):
            if text_of(next(table.iter("caption"))) == caption:
                return [[text_of(cell) for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")]
        raise AssertionError(f"no table is called “{caption}”")


class InspectingClient(FlaskClient):
    """Flask's test client; each page of HTML that it opens is inspected, redirections and errors included."""

    def open(self, *args: object, **options: object) -> TestResponse:
        """Open as the test client does. Raises AssertionError that names every fault of the page."""
        response = super().open(*args, **options)  # type: ignore[arg-type]  # what it takes is passed on as it came
        if response.mimetype == "text/html" and response.get_data() and response.status_code not in range(300, 400):
            complaints = faults(Page(response))
            if complaints:
                raise AssertionError(f"{response.request.path}: " + "; ".join(complaints))
        return response

    def page(self, address: str, status: int = 200) -> Page:
        """The page at the address, after any redirection."""
        response = self.get(address, follow_redirects=True)
        if response.status_code != status:
            raise AssertionError(f"{address} answered {response.status_code}, not {status}")
        return Page(response)

    def submit(self, form: Form, **changes: str | Sequence[str]) -> TestResponse:
        """Send the form as a browser would, with these fields changed, and follow where it leads."""
        values: Mapping[str, str | Sequence[str]] = {**form.values, **changes}
        if form.method == "get":
            return self.get(form.action, query_string=values, follow_redirects=True)
        return self.post(form.action, data=values, follow_redirects=True)


def faults(page: Page) -> list[str]:
    """Everything that is wrong with how the page is built."""
    inspections = (_frame, _ids, _forms, _labels, _images_and_links, _nothing_inline, _nothing_from_elsewhere, _tables)
    return [fault for inspection in inspections for fault in inspection(page.root)]


def text_of(element: Element) -> str:
    """What can be read in it, with single spaces."""
    hidden = {"script", "style", "svg"}

    def words(part: Element) -> Iterator[str]:
        if part.tag not in hidden:
            yield part.text or ""
            for child in part:
                yield from words(child)
                yield child.tail or ""

    return " ".join(" ".join(words(element)).split()).replace(" ,", ",").replace(" .", ".")


def _frame(root: Element) -> Iterator[str]:
    if not root.get("lang"):
        yield "the page says no language"
    for tag in ("h1", "main", "title"):
        if (number := sum(1 for _ in root.iter(tag))) != 1:
            yield f"{number} × {tag}"
            return
    heading, title = text_of(next(root.iter("h1"))), text_of(next(root.iter("title")))
    if not heading or not title.removeprefix("Error: ").startswith(heading):
        yield f"the title “{title}” does not begin with the heading “{heading}”"
    levels = [int(part.tag[1]) for part in next(root.iter("main")).iter() if part.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    after = levels[levels.index(1) :] if 1 in levels else []
    yield from (f"h{low} follows h{high}" for high, low in pairwise(after) if low > high + 1)


def _ids(root: Element) -> Iterator[str]:
    ids = Counter(part.get("id") for part in root.iter() if part.get("id") is not None)
    yield from (f"{number} × id “{name}”" for name, number in ids.items() if number > 1 or not name)
    for part in root.iter():
        for attribute in _POINTING:
            yield from (f"{attribute} “{name}” points nowhere" for name in part.get(attribute, "").split() if name not in ids)
        if part.tag == "a" and (part.get("href") or "").startswith("#") and part.get("href", "")[1:] not in ids:
            yield f"the link to “{part.get('href')}” points nowhere"


def _forms(root: Element) -> Iterator[str]:
    for form in root.iter("form"):
        action, method = form.get("action"), form.get("method", "get").lower()
        names = [field.get("name") for field in form.iter("input")]
        if not action:
            yield "a form has no action"
        if method == "post" and names.count("csrf_token") != 1:
            yield f"the form to {action} has {names.count('csrf_token')} CSRF tokens"
        if method == "get" and "csrf_token" in names:
            yield f"the form to {action} would put its CSRF token into the address"


def _labels(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label")}
    inside = {id(field) for label in root.iter("label") for field in label.iter()}
    for tag in _FIELDS:
        for field in root.iter(tag):
            named = (
                field.get("id") in labelled or id(field) in inside or field.get("aria-label") or field.get("aria-labelledby")
            )
            if field.get("type", "text") not in _UNLABELLED and not named:
                yield f"the field “{field.get('name')}” has no label"


def _images_and_links(root: Element) -> Iterator[str]:
    yield from ("a picture has no alt" for image in root.iter("img") if image.get("alt") is None)
    for tag in ("a", "button"):
        yield from (f"a {tag} has no words" for part in root.iter(tag) if not (text_of(part) or part.get("aria-label")))
    yield from ("a link goes nowhere" for link in root.iter("a") if not link.get("href"))


def _nothing_inline(root: Element) -> Iterator[str]:
    for part in root.iter():
        if part.tag == "style" or part.get("style") is not None:
            yield f"an inline style at {part.tag}"
        yield from (f"an event handler {name} at {part.tag}" for name in part.attrib if str(name).lower().startswith("on"))
        if part.get("href", "").strip().lower().startswith(("javascript:", "data:", "vbscript:")):
            yield f"a link runs a script: {part.get('href')}"
    for script in root.iter("script"):
        if script.get("type") == "application/json":
            json.loads(script.text or "")
        elif not script.get("src") or (script.text or "").strip():
            yield "an inline script"


def _nothing_from_elsewhere(root: Element) -> Iterator[str]:
    for part in root.iter():
        address = part.get(_LOADED[part.tag], "") if part.tag in _LOADED else ""
        if urlsplit(address).netloc:
            yield f"{part.tag} is loaded from another host: {address}"


def _tables(root: Element) -> Iterator[str]:
    for table in root.iter("table"):
        if not list(table.iter("caption")):
            yield "a table has no caption"
        yield from ("a heading of a table has no scope" for head in table.iter("th") if not head.get("scope"))


def _sent(form: Element) -> Iterator[tuple[str, list[str]]]:
    """What the form would send now, by name."""
    values: dict[str, list[str]] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type", "text")
        if field.tag not in _FIELDS or name is None or kind in {"submit", "button", "file"}:
            continue
        if field.tag == "select":
            values.setdefault(name, []).extend(_chosen(field))
        elif kind not in {"checkbox", "radio"} or field.get("checked") is not None:
            values.setdefault(name, []).append(
                field.get("value", "") if field.tag == "input" else (field.text or "").lstrip("\n")
            )
    yield from values.items()


def _chosen(select: Element) -> list[str]:
    options = list(select.iter("option"))
    marked = [option for option in options if option.get("selected") is not None] or options[:1]
    return [option.get("value", text_of(option)) for option in marked]
