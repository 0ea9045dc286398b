"""What scrolls sideways can be scrolled by keys: it takes the focus and has a name.

A browser sees that only where the content of the moment is wider than the page.
"""

import re

from django.conf import settings

SCROLLS = re.compile(r'<\w+[^>]*class="[^"]*\bscroll\b[^"]*"[^>]*>')


def test_whatever_scrolls_takes_the_focus_and_has_a_name():
    found = [
        (path.name, tag)
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for tag in SCROLLS.findall(path.read_text(encoding="utf-8"))
    ]

    assert len(found) > 20
    for name, tag in found:
        assert 'tabindex="0"' in tag, name
        assert "aria-label" in tag, name
