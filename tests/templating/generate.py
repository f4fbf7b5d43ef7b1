#!/usr/bin/env python3
"""Fills the expected results of tests/templating/cases/*.json in from real Django 5.2.

    python3 -m venv ../django-venv && ../django-venv/bin/pip install "django==5.2.*" time-machine
    ../django-venv/bin/python tests/templating/generate.py [--check]

Each file holds groups: a subject ("filter add"), what its cases share (context, files, and a catalogue for those with
a locale), and the cases. A case is a template and what it is rendered with; "expect" is the exact output, "error" the exception's name. Only this program writes
these two; everything else is written by hand. --check compares instead of writing. The tests need no Python.
"""
import datetime
import decimal
import json
import os
import pathlib
import random
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ["TZ"] = "UTC"
HERE = pathlib.Path(__file__).resolve().parent
NOW = "2027-05-14T09:00:00Z"
LANGUAGES = ["en", "en-gb", "de", "fr", "es", "it", "nl", "pl", "pt", "ar", "he", "ja"]

import django  # noqa: E402
import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402

LOCALE_FOLDER = tempfile.mkdtemp()
settings.configure(
    USE_I18N=True,
    USE_TZ=True,
    TIME_ZONE="UTC",
    LANGUAGE_CODE="en",
    LOCALE_PATHS=[LOCALE_FOLDER],
    STATIC_URL="/static/",
    MEDIA_URL="/media/",
    ROOT_URLCONF=__name__,
    SECRET_KEY="x",
)
django.setup()

from django.http import HttpResponse, QueryDict  # noqa: E402
from django.template import Context, Engine, RequestContext  # noqa: E402
from django.template.library import Library  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone, translation  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402
from django.utils.translation import trans_real  # noqa: E402


def page(request, **arguments):
    return HttpResponse()


shop = (
    [
        path("<slug:conference>/cart/", page, name="cart"),
        path("<slug:conference>/order/<str:reference>/", page, name="order"),
        path("<slug:conference>/ticket/<int:number>/", page, name="ticket"),
    ],
    "shop",
)
urlpatterns = [
    path("", page, name="home"),
    path("about/", page, name="about"),
    path("talks/<int:number>/", page, name="talk"),
    path("search/<path:words>", page, name="search"),
    path("", include(shop)),
]

# The library that {% load shop %} gives; tests/templating/shop_library.hpp is the same in C++.
register = Library()


@register.filter
def shout(value, mark="!"):
    return str(value).upper() + mark


@register.filter(is_safe=True)
def bracket(value):
    return "[%s]" % value


@register.simple_tag
def sum_of(first, second=10):
    return first + second


@register.simple_tag(takes_context=True)
def greet(context, greeting="Hello"):
    return "%s, <%s>" % (greeting, context.get("name", "nobody"))


@register.simple_tag
def markup(text):
    return mark_safe("<i>" + text + "</i>")


@register.simple_tag
def count_all(*values, **named):
    return "%d+%d" % (len(values), len(named))


@register.simple_block_tag
def box(content, title="box"):
    return mark_safe("[%s|%s]" % (title, content))


@register.inclusion_tag("shop/line.html")
def order_line(name, price):
    return {"name": name, "price": price}


def value_of(data):
    if isinstance(data, list):
        return [value_of(item) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        key, text = next(iter(data.items()))
        if key == "__datetime__":
            moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
            if moment.tzinfo is None:
                moment = timezone.make_aware(moment)
            if moment.utcoffset() == datetime.timedelta(0):
                moment = moment.replace(tzinfo=datetime.timezone.utc)
            return moment
        if key == "__date__":
            return datetime.date.fromisoformat(text)
        if key == "__time__":
            return datetime.time.fromisoformat(text)
        if key == "__decimal__":
            return decimal.Decimal(text)
        if key == "__safe__":
            return mark_safe(text)
    return {key: value_of(value) for key, value in data.items()}


def use_catalogue(catalogue, locale):
    """A .mo file with just these messages; a plural entry is a list."""
    import struct

    folder = pathlib.Path(LOCALE_FOLDER, translation.to_locale(locale), "LC_MESSAGES")
    folder.mkdir(parents=True, exist_ok=True)
    entries = {"": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"}
    for key, text in catalogue.items():
        key = key.replace("|", "\x04", 1) if "|" in key.split("\x00")[0] else key
        entries[key] = "\x00".join(text) if isinstance(text, list) else text
    keys = sorted(entries, key=lambda k: k.encode())
    ids = [k.encode() for k in keys]
    texts = [entries[k].encode() for k in keys]
    offset = 28 + 16 * len(keys)
    table, blob = [], b""
    for group in (ids, texts):
        for item in group:
            table.append((len(item), offset + len(blob)))
            blob += item + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    folder.joinpath("django.mo").write_bytes(head + b"".join(struct.pack("<2I", *row) for row in table) + blob)


def forget_catalogues():
    for file in pathlib.Path(LOCALE_FOLDER).rglob("*.mo"):
        file.unlink()
    import gettext

    gettext._translations.clear()
    trans_real._translations.clear()
    trans_real._default = None


def render(case, group):
    locale = case.get("locale", "en")
    forget_catalogues()
    if "locale" in case and ("catalogue" in case or "catalogue" in group):
        use_catalogue(case.get("catalogue", group.get("catalogue")), locale)
    files = {"shop/line.html": "<li>{{ name }} {{ price }}</li>"}
    files.update(group.get("files", {}))
    files.update(case.get("files", {}))
    libraries = {name: "django.templatetags." + name for name in ("i18n", "l10n", "tz", "static")}
    libraries["shop"] = "__main__"
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", files)],
        libraries=libraries,
        string_if_invalid=case.get("string_if_invalid", ""),
        autoescape=case.get("autoescape", True),
    )
    random.seed(1)
    with time_machine.travel(case.get("now", NOW), tick=False):
        with translation.override(locale), timezone.override(case.get("time_zone", "UTC")):
            data = value_of({**group.get("context", {}), **case.get("context", {})})
            if "query" in case:
                request = RequestFactory().get("/")
                request.GET = QueryDict(case["query"])
                context = RequestContext(request, autoescape=case.get("autoescape", True))
                context.update(data)
            else:
                context = Context(data, autoescape=case.get("autoescape", True))
            template = engine.from_string(case["template"])
            return str(template.render(context))


def fill(case, group):
    for key in ("expect", "error"):
        case.pop(key, None)
    try:
        case["expect"] = render(case, group)
    except Exception as error:  # every exception is an answer
        case["error"] = type(error).__name__


def write(file, groups):
    def line(data):
        return json.dumps(data, ensure_ascii=False)

    parts = []
    for group in groups:
        head = "{%s: %s,\n" % (line("subject"), line(group["subject"]))
        for key in ("context", "files", "catalogue"):
            if group.get(key):
                head += "  %s: %s,\n" % (line(key), line(group[key]))
        cases = ",\n".join("    " + line(case) for case in group["cases"])
        parts.append(head + '  "cases": [\n' + cases + "\n  ]}")
    file.write_text("[\n" + ",\n".join(parts) + "\n]\n", encoding="utf-8")


def main():
    assert django.VERSION[:2] == (5, 2), django.VERSION
    check = "--check" in sys.argv
    total = errors = changed = 0
    for file in sorted(HERE.glob("cases/*.json")):
        groups = json.loads(file.read_text(encoding="utf-8"))
        for group in groups:
            for case in group["cases"]:
                before = (case.get("expect"), case.get("error"))
                fill(case, group)
                total += 1
                errors += "error" in case
                if before != (case.get("expect"), case.get("error")):
                    changed += 1
                    if check:
                        print(file.name, group["subject"], json.dumps(case, ensure_ascii=False), "was", before)
        if not check:
            write(file, groups)
    print(f"{total} cases, {errors} of them errors, {changed} changed; Django {django.get_version()}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
