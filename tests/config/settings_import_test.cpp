// plenary config import: DJANGO_PROGRAM out of a Python settings module. source: ground rules 15, 1.7.
#include "config/settings_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/errors.hpp"

namespace plenary::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Environment nothing_is_set = [](const std::string&) { return std::nullopt; };

ImportedSettings import(const std::string& python) {
  return import_settings_text(python, "settings.py", nothing_is_set);
}
// Of the first problem.
std::string refusal(const std::string& python) {
  try {
    import(python);
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}
std::string dict(const std::string& entries) {
  return "DJANGO_PROGRAM = {" + entries + "}\n";
}

// The customer's text, as it stands there.
const std::string customers_example = R"py(DJANGO_PROGRAM = {
# Stripe payment gateway
"stripe": {
"secret_key": "sk_test_...",
"publishable_key": "pk_test_...",
"webhook_secret": "whsec_...",
"api_version": "2024-12-18", # default
"webhook_tolerance": 300, # seconds, default
},
# Pretalx schedule sync
"pretalx": {
"base_url": "https://pretalx.com", # default
"token": "your-api-token",
"schedule_delete_guard_enabled": True, # default
"schedule_delete_guard_min_existing_slots": 5, # default
"schedule_delete_guard_max_fraction_removed": 0.4, # default
},
# PSF sponsor API (PyCon US specific)
"psf_sponsors": {
"api_url": "https://www.python.org/api/v2", # default
"token": "your-psf-token",
"auth_scheme": "Token", # default
"publisher": "pycon", # default
"flight": "sponsors", # default
},
# Feature toggles (all default to True)
"features": {
"registration_enabled": True,
"sponsors_enabled": True,
"travel_grants_enabled": True,
"programs_enabled": True,
"pretalx_sync_enabled": True,
"public_ui_enabled": True,
"manage_ui_enabled": True,
"all_ui_enabled": True,
},
# General
"cart_expiry_minutes": 30, # default
"pending_order_expiry_minutes": 15, # default
"order_reference_prefix": "ORD", # default
"currency": "USD", # default
"currency_symbol": "$", # default
"max_grant_amount": 3000, # default, for travel grants
}
)py";

TEST(SettingsImport, TheCustomersFullExampleIsTheDocumentedDefaults) {
  const ImportedSettings imported = import(customers_example);
  EXPECT_THAT(imported.notes, IsEmpty());
  EXPECT_EQ(imported.keys, 29U);
  const ProgramSettings read = parse_settings(imported.toml, "plenary.toml", ".", nothing_is_set).program;
  EXPECT_EQ(read.stripe.secret_key->reveal(), "sk_test_...");
  EXPECT_EQ(read.stripe.publishable_key->reveal(), "pk_test_...");
  EXPECT_EQ(read.stripe.webhook_secret->reveal(), "whsec_...");
  EXPECT_EQ(read.pretalx.token->reveal(), "your-api-token");
  EXPECT_EQ(read.psf_sponsors.token->reveal(), "your-psf-token");
  // All else is what holds without a file.
  Settings all = parse_settings(imported.toml, "plenary.toml", ".", nothing_is_set);
  all.program.stripe.secret_key.reset();
  all.program.stripe.publishable_key.reset();
  all.program.stripe.webhook_secret.reset();
  all.program.pretalx.token.reset();
  all.program.psf_sponsors.token.reset();
  EXPECT_EQ(all.program.currency_symbol, "$");
  all.program.currency_symbol.reset();
  EXPECT_EQ(all.to_string(), parse_settings("", "plenary.toml", ".", nothing_is_set).to_string());
}

TEST(SettingsImport, CommentsStayBesideTheirKeys) {
  const std::string toml = import(customers_example).toml;
  EXPECT_THAT(toml,
              HasSubstr("\n# Stripe payment gateway\n[program.stripe]\nsecret_key = \"sk_test_...\"\n"));
  EXPECT_THAT(toml, HasSubstr("\napi_version = \"2024-12-18\"  # default\n"));
  EXPECT_THAT(toml, HasSubstr("\nwebhook_tolerance = 300  # seconds, default\n"));
  EXPECT_THAT(toml, HasSubstr("\n# PSF sponsor API (PyCon US specific)\n[program.psf_sponsors]\n"));
  EXPECT_THAT(toml, HasSubstr("\n# General\ncart_expiry_minutes = 30  # default\n"));
  EXPECT_THAT(toml, HasSubstr("\nmax_grant_amount = 3000  # default, for travel grants\n"));
}

struct Case {
  const char* what;
  std::string python;
  std::vector<std::string> toml;   // parts of the result
  std::vector<std::string> notes;  // parts of the notes, one each; no others
};

TEST(SettingsImport, WhatIsLiteralIsCarriedOver) {
  const std::vector<Case> cases = {
      {"single quotes", dict("'currency': 'EUR'"), {"\ncurrency = \"EUR\"\n"}, {}},
      {"no spaces, a comma at the end", dict("'currency':'EUR',"), {"currency = \"EUR\""}, {}},
      {"adjacent texts",
       dict("\"order_reference_prefix\": \"PY\" '-' \"27\""),
       {"order_reference_prefix = \"PY-27\""},
       {}},
      {"adjacent texts over lines and comments",
       dict("\"currency_symbol\": (\"U\"  # a\n \"S$\"),"),
       {"currency_symbol = \"US$\""},
       {}},
      {"texts added",
       dict("\"order_reference_prefix\": \"PY\" + \"27\""),
       {"order_reference_prefix = \"PY27\""},
       {}},
      {"three quotes", dict("\"currency_symbol\": \"\"\"a\"b\"\"\""), {"currency_symbol = \"a\\\"b\""}, {}},
      {"a raw text", dict("\"currency_symbol\": r'\\n'"), {"currency_symbol = \"\\\\n\""}, {}},
      {"a u text", dict("\"currency\": u\"EUR\""), {"currency = \"EUR\""}, {}},
      {"escapes",
       dict("\"currency_symbol\": '\\x24\\u20ac\\U0001f39f\\101\\'\\q'"),
       {"currency_symbol = \"$€🎟A'\\\\q\""},
       {}},
      {"a joined line inside a text",
       dict("\"currency_symbol\": 'a\\\nb'"),
       {"currency_symbol = \"ab\""},
       {}},
      {"an f-string without values", dict("\"currency\": f\"EUR\""), {"currency = \"EUR\""}, {}},
      {"underscores", dict("\"max_grant_amount\": 1_500"), {"max_grant_amount = 1500"}, {}},
      {"hexadecimal", dict("\"max_grant_amount\": 0x10"), {"max_grant_amount = 0x10"}, {}},
      {"a point without digits before it",
       dict("\"pretalx\": {\"schedule_delete_guard_max_fraction_removed\": .5}"),
       {"schedule_delete_guard_max_fraction_removed = 0.5"},
       {}},
      {"a point without digits behind it",
       dict("\"pretalx\": {\"schedule_delete_guard_max_fraction_removed\": 1.}"),
       {"schedule_delete_guard_max_fraction_removed = 1.0"},
       {}},
      {"a Decimal",
       dict("\"pretalx\": {\"schedule_delete_guard_max_fraction_removed\": Decimal(\"0.25\")}"),
       {"schedule_delete_guard_max_fraction_removed = 0.25"},
       {}},
      {"a plus sign", dict("\"max_grant_amount\": +5"), {"max_grant_amount = 5"}, {}},
      {"parentheses", dict("\"max_grant_amount\": ((5))"), {"max_grant_amount = 5"}, {}},
      {"booleans",
       dict("\"features\": {\"sponsors_enabled\": False, \"programs_enabled\": True}"),
       {"[program.features]\nsponsors_enabled = false\nprograms_enabled = true\n"},
       {}},
      {"None is a missing key",
       dict("\"stripe\": {\"secret_key\": None}"),
       {"# secret_key: None in settings.py\n"},
       {}},
      {"an empty dictionary", dict(""), {"[program]\n"}, {}},
      {"keys after a table",
       dict("\"features\": {\"sponsors_enabled\": False}, \"currency\": \"EUR\""),
       {"[program]\ncurrency = \"EUR\"\n\n[program.features]\n"},
       {}},
      {"an annotation",
       "DJANGO_PROGRAM: dict[str, object] = {\"currency\": \"EUR\"}\n",
       {"currency = \"EUR\""},
       {}},
      {"a later assignment",
       dict("\"currency\": \"USD\"") + "DJANGO_PROGRAM[\"currency\"] = \"EUR\"  # moved\n",
       {"currency = \"EUR\"  # moved\n"},
       {}},
      {"a later assignment into a table",
       dict("\"features\": {}") + "DJANGO_PROGRAM['features']['sponsors_enabled'] = False\n",
       {"[program.features]\nsponsors_enabled = false"},
       {}},
      {"a whole table later",
       dict("") + "DJANGO_PROGRAM[\"stripe\"] = {\"webhook_tolerance\": 60}\n",
       {"[program.stripe]\nwebhook_tolerance = 60"},
       {}},
      {"an update",
       dict("\"currency\": \"USD\"") +
           "DJANGO_PROGRAM.update({\"currency\": \"EUR\", \"max_grant_amount\": 1})\n",
       {"currency = \"EUR\"\nmax_grant_amount = 1\n"},
       {}},
      {"an update of a table",
       dict("\"stripe\": {\"webhook_tolerance\": 60}") +
           "DJANGO_PROGRAM[\"stripe\"].update({\"webhook_tolerance\": 90,})\n",
       {"webhook_tolerance = 90"},
       {}},
      {"|=", dict("") + "DJANGO_PROGRAM |= {\"currency\": \"EUR\"}\n", {"currency = \"EUR\""}, {}},
      {"several statements on a line",
       "DEBUG = True; DJANGO_PROGRAM = {}; X = 1\nDJANGO_PROGRAM = {}; DJANGO_PROGRAM[\"currency\"] = "
       "\"EUR\"\n",
       {"currency = \"EUR\""},
       {}},
      {"a semicolon under a condition",
       "DJANGO_PROGRAM = {}\nif x: A = 1; DJANGO_PROGRAM[\"currency\"] = \"EUR\"\n",
       {},
       {"settings.py:2:14: DJANGO_PROGRAM[\"currency\"] = \"EUR\": left out: it stands under a condition"}},
      {"the last of two",
       dict("\"currency\": \"USD\"") + dict("\"currency\": \"EUR\""),
       {"currency = \"EUR\""},
       {}},
      {"a key twice", dict("\"currency\": \"USD\", \"currency\": \"EUR\""), {"currency = \"EUR\""}, {}},
      {"CR LF and a byte-order mark",
       "\xef\xbb\xbf"
       "DJANGO_PROGRAM = {\r\n  \"currency\": \"EUR\",  # here\r\n}\r\n",
       {"currency = \"EUR\"  # here\n"},
       {}},
      {"what stands around it",
       "import os\nfrom pathlib import Path\nBASE = Path(__file__).parent\nINSTALLED_APPS = [*A, \"b\"]\ndef "
       "f(x):\n    return {x: 1 for x in x}\n" +
           dict("\"currency\": \"EUR\"") + "TEMPLATES = [{\"OPTIONS\": {\"a\": lambda x: x}}]\n",
       {"currency = \"EUR\""},
       {}},
      {"a comment before it",
       "# Our conference\n# in Berlin\n" + dict("\"currency\": \"EUR\""),
       {"# Our conference\n# in Berlin\n\n[program]\n"},
       {}},
      {"a secret of the environment",
       dict("\"stripe\": {\"secret_key\": os.environ[\"SK\"]}"),
       {"secret_key_env = \"SK\"\n"},
       {}},
      {"os.environ.get",
       dict("\"stripe\": {\"secret_key\": os.environ.get('SK')}"),
       {"secret_key_env = \"SK\""},
       {}},
      {"os.getenv with None",
       dict("\"stripe\": {\"secret_key\": os.getenv(\"SK\", None)}"),
       {"secret_key_env = \"SK\""},
       {}},
      {"environ imported by its name",
       dict("\"pretalx\": {\"token\": environ[\"T\"]}"),
       {"token_env = \"T\""},
       {}},
      {"a default of the environment",
       dict("\"stripe\": {\"secret_key\": os.environ.get(\"SK\", \"sk_test_hush\")}"),
       {"secret_key_env = \"SK\""},
       {"settings.py:1:44: stripe.secret_key: the default of the environment variable SK is not used"}},
      {"no secret out of the environment",
       dict("\"currency\": os.environ.get(\"CUR\", \"EUR\")"),
       {"# currency = …"},
       {"comes from the environment variable CUR, or else is \"EUR\"; only secrets can"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    ImportedSettings imported;
    ASSERT_NO_THROW(imported = import(one.python));
    for (const std::string& part : one.toml) EXPECT_THAT(imported.toml, HasSubstr(part));
    ASSERT_EQ(imported.notes.size(), one.notes.size()) << ::testing::PrintToString(imported.notes);
    for (std::size_t i = 0; i < one.notes.size(); ++i)
      EXPECT_THAT(imported.notes[i], HasSubstr(one.notes[i]));
    EXPECT_THAT(imported.toml, Not(HasSubstr("hush")));
  }
}

TEST(SettingsImport, WhatIsComputedIsListedAndNotGuessed) {
  const std::vector<Case> cases = {
      {"a call",
       dict("\"currency\": pick(\"EUR\", [1, 2])"),
       {"# currency = …"},
       {"settings.py:1:31: currency: left out: it is computed: pick(\"EUR\", [1, 2])"}},
      {"a name",
       dict("\"currency\": CURRENCY, \"max_grant_amount\": 5"),
       {"max_grant_amount = 5"},
       {"it is computed: CURRENCY"}},
      {"arithmetic", dict("\"cart_expiry_minutes\": 6 * 5"), {}, {"it is computed: 6 * 5"}},
      {"a condition", dict("\"currency\": \"EUR\" if EU else \"USD\""), {}, {"\"EUR\" if EU else \"USD\""}},
      {"an f-string with a value", dict("\"order_reference_prefix\": f\"PY{year}\""), {}, {"it is computed"}},
      {"bytes", dict("\"currency\": b\"EUR\""), {}, {"it is computed: b\"EUR\""}},
      {"a character by its name", dict("\"currency_symbol\": \"\\N{EURO SIGN}\""), {}, {"it is computed"}},
      {"a text formatted", dict("\"currency\": \"%s\" % x"), {}, {"it is computed"}},
      {"a path joined", dict("\"attendee_profile_model\": Path(\"a\") / \"b\""), {}, {"it is computed"}},
      {"a lambda",
       dict("\"currency\": lambda: {\"a\": 1}, \"max_grant_amount\": 5"),
       {"max_grant_amount = 5"},
       {"lambda: {\"a\": 1}"}},
      {"another dictionary",
       dict("**BASE, \"currency\": \"EUR\""),
       {"currency = \"EUR\""},
       {"**BASE: left out: what another dictionary brings in"}},
      {"a key that is no text",
       dict("NAME: 1, \"currency\": \"EUR\""),
       {"currency = \"EUR\""},
       {"its key is no plain text"}},
      {"a key that is a condition",
       dict("(\"a\" if b else \"c\"): 1, \"currency\": \"EUR\""),
       {"currency = \"EUR\""},
       {"its key is no plain text"}},
      {"under a condition",
       dict("") + "if DEBUG:\n    DJANGO_PROGRAM[\"currency\"] = \"EUR\"\n",
       {},
       {"settings.py:3:5: DJANGO_PROGRAM[\"currency\"] = \"EUR\": left out: it stands under a condition"}},
      {"a deletion",
       dict("\"currency\": \"EUR\"") + "del DJANGO_PROGRAM[\"currency\"]\n",
       {"currency = \"EUR\""},
       {"del DJANGO_PROGRAM[\"currency\"]: left out: it is no plain assignment"}},
      {"handed to a function", dict("") + "extend(DJANGO_PROGRAM)\n", {}, {"extend(DJANGO_PROGRAM)"}},
      {"an update by keywords",
       dict("") + "DJANGO_PROGRAM.update(currency=\"EUR\")\n",
       {},
       {"DJANGO_PROGRAM.update(currency=\"EUR\")"}},
      {"a computed secret is not shown",
       dict("\"stripe\": {\"secret_key\": decode(\"hush\")}"),
       {},
       {"stripe.secret_key: left out: it is computed; write"}},
      {"a secret in a statement is not shown",
       dict("") + "if x:\n  DJANGO_PROGRAM[\"stripe\"][\"secret_key\"] = \"sk_hush\"\n",
       {},
       {"DJANGO_PROGRAM[\"stripe\"][\"secret_key\"] …: left out"}},
      {"a typing mistake",
       dict("\"curency\": \"EUR\""),
       {"# curency: an unknown key in settings.py"},
       {"settings.py:1:19: curency: an unknown key, left out; meant is perhaps \"currency\""}},
      {"a typing mistake in a table",
       dict("\"stripe\": {\"secretkey\": \"sk_hush\"}"),
       {},
       {"stripe.secretkey: an unknown key, left out; meant is perhaps \"secret_key\""}},
      {"an unknown table",
       dict("\"featres\": {\"a\": {}}"),
       {},
       {"featres: an unknown key, left out; meant is perhaps \"features\""}},
      {"a table that is a text",
       dict("\"stripe\": \"sk_hush\""),
       {},
       {"stripe: left out: it is a dictionary, and stands here as a text"}},
      {"a value that is a dictionary",
       dict("\"currency\": {\"a\": 1}"),
       {},
       {"currency: a dictionary where a value belongs"}},
      {"a list",
       dict("\"currency\": [\"EUR\", \"USD\"]"),
       {},
       {"currency: left out: it is computed: a list"}},
      {"a set", dict("\"currency\": {\"EUR\", \"USD\"}"), {}, {"a list"}},
      {"a tuple", dict("\"currency\": (\"EUR\",)"), {}, {"a list"}},
      {"a huge number",
       dict("\"max_grant_amount\": " + std::string(40, '9')),
       {},
       {"no setting is as large"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    ImportedSettings imported;
    ASSERT_NO_THROW(imported = import(one.python));
    for (const std::string& part : one.toml) EXPECT_THAT(imported.toml, HasSubstr(part));
    ASSERT_EQ(imported.notes.size(), one.notes.size()) << ::testing::PrintToString(imported.notes);
    for (std::size_t i = 0; i < one.notes.size(); ++i) {
      EXPECT_THAT(imported.notes[i], HasSubstr(one.notes[i]));
      EXPECT_THAT(imported.notes[i], Not(HasSubstr("hush")));
    }
    EXPECT_THAT(imported.toml, Not(HasSubstr("hush")));
  }
}

TEST(SettingsImport, WhatIsWrongIsToldWithItsPlaceInThePythonFile) {
  struct Wrong {
    std::string python, message;
  };
  const std::vector<Wrong> cases = {
      {"", "settings.py:1:1: found no assignment of DJANGO_PROGRAM"},
      {"DATABASES = {}\n", "found no assignment of DJANGO_PROGRAM"},
      {"X = 1\nDJANGO_PROGRAM = build()\n", "settings.py:2:1: found a DJANGO_PROGRAM that is computed"},
      {"if x:\n  DJANGO_PROGRAM = {}\n", "settings.py:2:3: found a DJANGO_PROGRAM that is computed"},
      {"DJANGO_PROGRAM = {\"currency\": \"EUR\n}", "settings.py:1:31: found a text that is not closed"},
      {"DJANGO_PROGRAM = {\"currency\": '''EUR\n}", "settings.py:1:31: found a text that is not closed"},
      {"DJANGO_PROGRAM = {\n \"a\": [1, 2}\n", "settings.py:2:12: found a } that closes a ["},
      {"DJANGO_PROGRAM = {\n", "settings.py:1:18: found a { that is never closed"},
      {"DJANGO_PROGRAM = {}}\n", "settings.py:1:20: found a } without its {"},
      {dict("\"max_grant_amount\": 007"), "settings.py:1:39: found \"007\"; allowed: a number"},
      {dict("\"max_grant_amount\": 1.2.3"), "allowed: a number"},
      {dict("\"currency\": '\\xg1'"), "2 hexadecimal digits"},
      {dict("\"currency\": '\\ud800'"), "a Unicode character"},
      {dict("\"currency\": \"\x01\" \x02"), "a control character"},
      {dict("\n  \"currency\": \"EURO\",\n"), "settings.py:2:15: program.currency: found \"EURO\""},
      {dict("\"max_grant_amount\": -1"), "settings.py:1:39: program.max_grant_amount"},
      {dict("\"cart_expiry_minutes\": \"30\""), "program.cart_expiry_minutes: found a text"},
      {dict("\"features\": {\"sponsors_enabled\": \"False\"}"),
       "settings.py:1:52: program.features.sponsors_enabled"},
      {dict("\"stripe\": {\"secret_key\": \"pk_hush\"}"), "settings.py:1:44: program.stripe.secret_key"},
      {std::string("DJANGO_PROGRAM = \xff\n"), "bytes that are not UTF-8"},
  };
  for (const Wrong& wrong : cases) {
    const std::string message = refusal(wrong.python);
    EXPECT_THAT(message, HasSubstr(wrong.message)) << wrong.python;
    EXPECT_THAT(message, Not(HasSubstr("hush")));
  }
  EXPECT_THAT(refusal(dict("\"currency\": \"EURO\", \"max_grant_amount\": -1")),
              ::testing::AllOf(HasSubstr("program.currency"), HasSubstr("program.max_grant_amount")))
      << "all problems together";
}

TEST(SettingsImport, HostileInputIsRefusedInAnOrderlyWay) {
  EXPECT_THAT(refusal("DJANGO_PROGRAM = " + std::string(100'000, '[')), HasSubstr("nested over 64 levels"));
  EXPECT_THAT(refusal("DJANGO_PROGRAM = " + std::string(100'000, '{')), HasSubstr("nested over 64 levels"));
  EXPECT_THAT(refusal(std::string(8 * 1024 * 1024 + 1, ' ')), HasSubstr("more than 8 MB"));
  EXPECT_THAT(refusal(std::string(4'000'000, ',')), HasSubstr("more than half a million words"));
  EXPECT_THAT(refusal(dict("\"currency\": " + std::string(1'000'000, '-') + "1")),
              HasSubstr("half a million"));
  std::string many = "DJANGO_PROGRAM = {";
  for (int i = 0; i < 20'000; ++i) many += "\"k" + std::to_string(i) + "\": 1,";
  EXPECT_THAT(refusal(many + "}"), HasSubstr("more than 10,000 entries"));
  std::string list = "DJANGO_PROGRAM = {\"a\": [";
  for (int i = 0; i < 20'000; ++i) list += "1,";
  EXPECT_THAT(refusal(list + "]}"), HasSubstr("more than 10,000 values"));
  EXPECT_THAT(refusal("DJANGO_PROGRAM = {\"a\": \"" + std::string(7 * 1024 * 1024, 'x')),
              HasSubstr("not closed"));
  // A comment or a key of any content stays a comment and breaks out of nothing.
  const ImportedSettings odd =
      import(dict("\n# \x0b[server]\n\"a\\n[server]\\nlisten = 1\": 1,\n\"currency\": \"E\" \"UR\","));
  EXPECT_THAT(odd.toml, Not(HasSubstr("\n[server]")));
  EXPECT_THAT(odd.toml, HasSubstr("currency = \"EUR\""));
}

}  // namespace
}  // namespace plenary::config
