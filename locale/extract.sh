#!/usr/bin/env bash
# locale/extract.sh TEMPLATE_MESSAGES ENTITY_MESSAGES OUT: collects every message of the program into OUT, a .pot file.
# TEMPLATE_MESSAGES is what `plenary template messages templates` prints, ENTITY_MESSAGES what `plenary template
# entity-messages` does: labels and words of the data admin. The texts of the C++ code are found by the names of the functions
# they are given to. Used by `./dev messages` and by the test that looks whether locale/plenary.pot is up to date.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8
template_messages=$1 entity_messages=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Which argument is the message: tr(request, "…"), tr_n(request, "one", "many", n), Refused("code", "…"), …
# Refused reason("code", "…") is no call by its name: write Refused("code", "…").
# Settings, commands and the database speak English only: to organisers and administrators at a terminal. What is wrong
# with the values of a row is told on pages, too.
find src \( -name '*.cpp' -o -name '*.hpp' \) | grep -vE '^src/(cli|config|db|jobs)/|/owned_request.cpp$|^src/mail/bounces.cpp$' | sort >"$work/files"
echo src/db/entity_validate.cpp >>"$work/files"
xgettext --language=C++ --from-code=UTF-8 --add-location=file --sort-output --no-wrap --keyword \
  --keyword=tr:2 --keyword=tr_n:2,3 --keyword=translated:2 --keyword=translated_n:2,3 --keyword=message:1 \
  --keyword=message_n:1,2 --keyword=Refused:2 --keyword=HttpError:2 --keyword=in_language:1 --keyword=gettext:3 --keyword=ngettext:3,4 --keyword=add_error:3 --keyword=refuse:2 \
  --package-name=plenary --files-from="$work/files" --output="$work/code.pot"

cat >"$work/header" <<'HEADER'
# The messages of Plenary. Made by ./dev messages; do not edit. docs/languages.md says how to translate.
msgid ""
msgstr ""
"Project-Id-Version: plenary\n"
"Language: \n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"

HEADER
cat "$work/header" "$template_messages" >"$work/templates.pot"
cat "$work/header" "$entity_messages" >"$work/entities.pot"

# The header of the templates' file comes first and stays; the flags of C formats mean nothing here.
msgcat --use-first --sort-output --no-wrap --add-location=file "$work/templates.pot" "$work/entities.pot" "$work/code.pot" |
  sed -E '/^#, (c-format|c\+\+-format|no-c-format)$/d; s/^#, c-format, /#, /; /^#\. /d' >"$work/all.pot"
mv "$work/all.pot" "$out"
