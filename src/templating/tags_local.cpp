// The libraries l10n (localize, unlocalize) and tz (localtime, timezone, utc, get_current_timezone).
#include <fmt/format.h>

#include "templating/builtins.hpp"
#include "templating/formats.hpp"
#include "templating/guards.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

class LocalizeNode final : public Node {
 public:
  LocalizeNode(bool on, NodeList content) : on_(on), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const Setting<Context::Localization> setting(
        context.localization, on_ ? Context::Localization::on : Context::Localization::off);
    content_.render(context, out);
  }

 private:
  bool on_;
  NodeList content_;
};

class LocaltimeNode final : public Node {
 public:
  LocaltimeNode(bool on, NodeList content) : on_(on), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const Setting<bool> setting(context.convert_time_zone, on_);
    content_.render(context, out);
  }

 private:
  bool on_;
  NodeList content_;
};

template <class NodeType>
TagCompiler switch_compiler(std::string end) {
  return [end](Parser& parser, const Token& token) -> std::unique_ptr<Node> {
    const auto bits = split_contents(token.contents);
    if (bits.size() > 2 || (bits.size() == 2 && bits[1] != "on" && bits[1] != "off")) {
      parser.fail(fmt::format("{} takes on or off", bits[0]));
    }
    const bool on = bits.size() == 1 || bits[1] == "on";
    return std::make_unique<NodeType>(on, parser.parse_to(end));
  };
}

class TimeZoneNode final : public Node {
 public:
  TimeZoneNode(Expression zone, NodeList content) : zone_(std::move(zone)), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override {
    const Value name = zone_.value(context);
    TimeZone zone = context.default_time_zone;
    if (!name.is_null()) {
      const auto found = name.is_string() ? TimeZone::find(name.str()) : std::nullopt;
      if (!found) throw TemplateError(fmt::format("there is no time zone {}", python::repr(name)));
      zone = *found;
    }
    const Setting<TimeZone> setting(context.time_zone, zone);
    content_.render(context, out);
  }

 private:
  Expression zone_;
  NodeList content_;
};

std::unique_ptr<Node> compile_timezone(Parser& parser, const Token& token) {
  const auto bits = split_contents(token.contents);
  if (bits.size() != 2) parser.fail("timezone takes one zone: {% timezone \"Europe/Paris\" %}");
  Expression zone = parser.expression(bits[1]);
  return std::make_unique<TimeZoneNode>(std::move(zone), parser.parse_to("endtimezone"));
}

class CurrentTimeZoneNode final : public Node {
 public:
  explicit CurrentTimeZoneNode(std::string_view variable) : variable_(variable) {}
  void render(Context& context, std::string&) const override {
    context.set(variable_, Value(context.time_zone.name()));
  }

 private:
  Name variable_;
};

std::unique_ptr<Node> compile_current_timezone(Parser& parser, const Token& token) {
  const auto bits = unicode::split_words(token.contents);
  if (bits.size() != 3 || bits[1] != "as") {
    parser.fail("get_current_timezone is written {% get_current_timezone as name %}");
  }
  return std::make_unique<CurrentTimeZoneNode>(bits[2]);
}

Value in_zone(const Value& value, TimeZone zone) {
  return value.kind() == Value::Kind::datetime ? value.in_zone(zone, true) : Value::borrowed("");
}

}  // namespace

void add_localization_tags(Library& library) {
  library.tag("localize", switch_compiler<LocalizeNode>("endlocalize"));
  FilterOptions plain;
  plain.argument = FilterOptions::Argument::none;
  const auto localized = [](Context::Localization how) {
    return [how](const Value& value, const Value*, Context& context) {
      if (value.is_string()) return value;
      const bool moment = value.kind() == Value::Kind::datetime;
      return Value(formats::localized(moment ? value.pinned() : value, context, how));
    };
  };
  library.filter("localize", localized(Context::Localization::on), plain);
  library.filter("unlocalize", localized(Context::Localization::off), plain);
}

void add_time_zone_tags(Library& library) {
  library.tag("localtime", switch_compiler<LocaltimeNode>("endlocaltime"));
  library.tag("timezone", compile_timezone);
  library.tag("get_current_timezone", compile_current_timezone);
  FilterOptions options;
  options.argument = FilterOptions::Argument::none;
  library.filter(
      "localtime", [](const Value& v, const Value*, Context& c) { return in_zone(v, c.time_zone); }, options);
  library.filter(
      "utc", [](const Value& v, const Value*, Context&) { return in_zone(v, TimeZone::utc()); }, options);
  options.argument = FilterOptions::Argument::required;
  library.filter(
      "timezone",
      [](const Value& v, const Value* zone, Context&) {
        const auto found = zone->is_string() ? TimeZone::find(zone->str()) : std::nullopt;
        return found ? in_zone(v, *found) : Value::borrowed("");
      },
      options);
}

}  // namespace plenary::templating
