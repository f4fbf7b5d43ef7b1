#!/usr/bin/env python3
"""The page of bench/templating.cpp rendered by Django, for comparison. Prints one line; exit code 1 without Django."""
import sys
import time

try:
    import django
    from django.conf import settings
except ImportError:
    sys.exit(1)

settings.configure()
django.setup()
from decimal import Decimal  # noqa: E402

from django.template import Context, Engine  # noqa: E402

BASE = (
    "<!DOCTYPE html><html><head><title>{% block title %}Plenary{% endblock %}</title></head><body>"
    '<nav>{% for link in links %}<a href="{{ link }}">{{ link }}</a>{% endfor %}</nav>'
    "{% block content %}{% endblock %}<footer>{{ conference.name }}</footer></body></html>"
)
PAGE = (
    '{% extends "base.html" %}{% block title %}Tickets - {{ block.super }}{% endblock %}'
    "{% block content %}<table>{% for row in rows %}<tr class=\"{% cycle 'odd' 'even' %}\">"
    "<td>{{ row.name|upper }}</td><td>{{ row.price|floatformat:2 }}</td><td>{{ row.left }}</td>"
    "<td>{{ row.note }}</td></tr>{% endfor %}</table>{% endblock %}"
)
LOADER = ("django.template.loaders.locmem.Loader", {"base.html": BASE, "page.html": PAGE})
engine = Engine(loaders=[("django.template.loaders.cached.Loader", [LOADER])])
rows = [
    {
        "name": f"Ticket type {i}",
        "price": Decimal(10000 + i * 250).scaleb(-2),
        "left": 100 - i,
        "note": "Early bird & friends <only>",
    }
    for i in range(20)
]
data = {"links": ["/", "/tickets/", "/schedule/", "/sponsors/"], "conference": {"name": "PyCon Plenary 2027"}}


def render():
    return engine.get_template("page.html").render(Context({**data, "rows": rows}))


best = float("inf")
for _ in range(5):
    begin = time.process_time()
    for _ in range(200):
        render()
    best = min(best, (time.process_time() - begin) / 200)
print(f"the same page by Django {django.get_version()}: {best * 1e6:.0f} us on one core ({len(render())} bytes)")
