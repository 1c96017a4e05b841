"""Strings and elements to HTML in which everything is escaped; knows nothing of what it says."""

from __future__ import annotations

import html
import re

# Characters that a reader cannot see: controls, halves of surrogate pairs, and the marks that
# open an embedding, an override or an isolate, which could turn around what follows them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Markup(str):
    """HTML, as against a string that has still to be escaped."""

    __slots__ = ()


def escape(text: object) -> Markup:
    r"""Turn a string into HTML that shows it, unseen characters by their code point.

    Example:
        >>> escape("<b> & \u202e")
        '&lt;b&gt; &amp; [U+202E]'
    """
    if isinstance(text, Markup):
        return text
    seen = _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", str(text))
    return Markup(html.escape(seen))


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Write an element.

    Args:
        name: Its name.
        children: Elements, and strings, which are escaped.
        attributes: Its attributes; ``class_`` stands for ``class``, ``stroke_width`` for
            ``stroke-width``. Those that are ``None`` are left out, numbers are shortened.

    Example:
        >>> element("td", "a < b", element("b", 1), class_="figure")
        '<td class="figure">a &lt; b<b>1</b></td>'
    """
    head = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{head}>{join(*children)}</{name}>")


def join(*parts: object) -> Markup:
    """Write elements and strings, which are escaped, one after the other."""
    return Markup("".join(map(escape, parts)))


def _short(value: object) -> object:
    return f"{value:.5g}" if isinstance(value, float) else value
