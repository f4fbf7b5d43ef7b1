#include "config/python_reader.hpp"

#include <algorithm>

#include "config/document.hpp"

namespace plenary::config {
namespace {

using Token = PythonToken;
using TokenKind = PythonToken::Kind;
using Kind = PythonValue::Kind;

constexpr std::size_t max_entries = 10'000;

class Reader {
 public:
  Reader(std::string_view source, std::string_view name)
      : source_(source), name_(name), tokens_(python_tokens(source)) {}

  PythonSettings run() {
    while (tokens_[at_].kind != TokenKind::end) statement();
    result_.dict.kind = Kind::dict;
    return std::move(result_);
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const { return now().kind == TokenKind::symbol && now().text == symbol; }
  bool is_name(std::string_view name) const { return now().kind == TokenKind::name && now().text == name; }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }
  void skip_comments() {
    while (now().kind == TokenKind::comment) ++at_;
  }
  std::string source_of(std::size_t first, std::size_t after) const {
    if (after <= first) return "";
    return one_line(source_.substr(tokens_[first].begin, tokens_[after - 1].end - tokens_[first].begin), 80);
  }

  // ---- statements

  void statement() {
    std::vector<std::string> above;
    while (now().kind == TokenKind::comment || now().kind == TokenKind::line_end) {
      if (now().kind == TokenKind::comment) above.push_back(now().text);
      // An empty line ends the comments that belong to what follows.
      if (now().kind == TokenKind::line_end && at_ > 0 && tokens_[at_ - 1].kind == TokenKind::line_end)
        above.clear();
      if (now().kind == TokenKind::line_end) same_line_ = now().text == ";";
      ++at_;
    }
    if (now().kind == TokenKind::end) return;
    const std::size_t first = at_;
    // What follows a semicolon stands under the same condition as what is before it.
    if (!same_line_) conditional_ = now().place.column > 1 || opens_a_block();
    bool understood = false;
    if (is_name(name_) && !conditional_) {
      ++at_;
      understood = assignment(above);
    }
    at_ = end_of_line(first);
    if (understood) return;
    for (std::size_t i = first; i < at_; ++i) {
      if (tokens_[i].kind != TokenKind::name || tokens_[i].text != name_) continue;
      result_.skipped.push_back({tokens_[first].place, source_of(first, at_),
                                 conditional_
                                     ? "it stands under a condition or in a function, which is not run"
                                     : "it is no plain assignment of literals"});
      return;
    }
  }

  bool opens_a_block() const {
    for (const char* word : {"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def",
                             "class", "async", "match"}) {
      if (is_name(word)) return true;
    }
    return false;
  }

  std::size_t end_of_line(std::size_t i) const {
    while (tokens_[i].kind != TokenKind::line_end && tokens_[i].kind != TokenKind::end) ++i;
    return i;
  }

  bool at_statement_end() {
    skip_comments();
    return now().kind == TokenKind::line_end || now().kind == TokenKind::end;
  }

  // Behind the name. False: not understood; nothing was changed then.
  bool assignment(const std::vector<std::string>& above) {
    std::vector<std::pair<std::string, Place>> path;
    while (is("[")) {
      ++at_;
      if (now().kind != TokenKind::text) return false;
      path.emplace_back(now().text, now().place);
      ++at_;
      if (!take("]")) return false;
    }
    if (path.empty() && take(":")) {  // DJANGO_PROGRAM: dict[str, object] = {…}
      while (!is("=") && now().kind != TokenKind::line_end && now().kind != TokenKind::end) ++at_;
    }
    const bool merges = is("|=") || is(".");
    if (is(".")) {
      ++at_;
      if (!is_name("update")) return false;
      ++at_;
      if (!take("(")) return false;
    } else if (!take("=") && !take("|=")) {
      return false;
    }
    const bool is_call = merges && tokens_[at_ - 1].text == "(";
    PythonValue value = this->value();
    if (is_call) {
      skip_comments();
      take(",");
      skip_comments();
      if (!take(")")) return false;
    }
    std::string beside;
    if (now().kind == TokenKind::comment) beside = now().text;
    if (!at_statement_end()) return false;
    if ((merges || path.empty()) && value.kind != Kind::dict) return false;
    return put(path, std::move(value), merges, above, beside);
  }

  bool put(const std::vector<std::pair<std::string, Place>>& path, PythonValue value, bool merges,
           const std::vector<std::string>& above, const std::string& beside) {
    result_.found = true;
    PythonValue* target = &result_.dict;
    target->kind = Kind::dict;
    const std::size_t depth = merges ? path.size() : path.empty() ? 0 : path.size() - 1;
    for (std::size_t i = 0; i < depth; ++i) {
      PythonEntry& entry = entry_of(*target, path[i].first, path[i].second);
      if (entry.value.kind != Kind::dict) entry.value = PythonValue{};
      entry.value.kind = Kind::dict;
      target = &entry.value;
    }
    if (merges) {
      for (PythonEntry& entry : value.entries) {
        PythonEntry& here = entry_of(*target, entry.key, entry.place);
        here = std::move(entry);
      }
    } else if (path.empty()) {
      *target = std::move(value);
      result_.above = above;
    } else {
      PythonEntry& entry = entry_of(*target, path.back().first, path.back().second);
      entry.value = std::move(value);
      entry.place = path.back().second;
      if (!above.empty()) entry.above = above;
      if (!beside.empty()) entry.beside = beside;
    }
    return true;
  }

  PythonEntry& entry_of(PythonValue& dict, const std::string& key, Place place) {
    for (PythonEntry& entry : dict.entries) {
      if (entry.key == key) return entry;
    }
    if (++entries_ > max_entries)
      throw PythonError(place, "more than 10,000 entries", "settings, which have about forty");
    PythonEntry entry;
    entry.key = key;
    entry.place = place;
    dict.entries.push_back(std::move(entry));
    return dict.entries.back();
  }

  // ---- values

  bool at_value_end() const {
    switch (now().kind) {
      case TokenKind::comment:
      case TokenKind::line_end:
      case TokenKind::end:
        return true;
      case TokenKind::symbol:
        return now().text == "," || now().text == "]" || now().text == ")" || now().text == "}" ||
               now().text == ":";
      default:
        return false;
    }
  }

  // A literal, a reference to the environment, or whatever stands there as `computed`.
  // A key of a dictionary ends at its colon.
  PythonValue value(bool is_key = false) {
    skip_comments();
    const std::size_t first = at_;
    PythonValue result = literal();
    while (is("+") && result.kind == Kind::text) {
      ++at_;
      PythonValue more = literal();
      result.text += more.text;
      if (more.kind != Kind::text) result.kind = Kind::computed;
    }
    if (result.kind != Kind::computed && at_value_end()) return result;
    // Not a plain value: go to its end.
    for (int depth = 0; now().kind != TokenKind::end && now().kind != TokenKind::line_end; ++at_) {
      if (depth == 0 && at_value_end() && (is_key || !is(":")) && now().kind != TokenKind::comment) break;
      if (is("(") || is("[") || is("{")) ++depth;
      if (is(")") || is("]") || is("}")) --depth;
    }
    PythonValue computed;
    computed.kind = Kind::computed;
    computed.place = tokens_[first].place;
    computed.text = source_of(first, at_);
    return computed;
  }

  PythonValue literal() {
    skip_comments();
    PythonValue result;
    result.place = now().place;
    switch (now().kind) {
      case TokenKind::text:
        result.kind = Kind::text;
        while (now().kind == TokenKind::text ||
               (now().kind == TokenKind::comment && is_text_after_comments())) {
          if (now().kind == TokenKind::text) result.text += now().text;
          ++at_;
        }
        if (now().kind == TokenKind::other) result.kind = Kind::computed;
        return result;
      case TokenKind::number:
        result.kind = Kind::number;
        result.text = now().text;
        ++at_;
        return result;
      case TokenKind::name:
        return named(std::move(result));
      case TokenKind::symbol:
        return symbol(std::move(result));
      default:
        result.kind = Kind::computed;
        return result;
    }
  }

  // "a"  # why
  // "b"
  bool is_text_after_comments() const {
    std::size_t i = at_;
    while (tokens_[i].kind == TokenKind::comment) ++i;
    return tokens_[i].kind == TokenKind::text;
  }

  PythonValue symbol(PythonValue result) {
    if (is("{")) return braces(std::move(result));
    if (is("[")) return list(std::move(result), "]");
    if (is("(")) return list(std::move(result), ")");
    if ((is("-") || is("+")) && tokens_[at_ + 1].kind == TokenKind::number) {
      result.kind = Kind::number;
      result.text = (is("-") ? "-" : "") + tokens_[at_ + 1].text;
      at_ += 2;
      return result;
    }
    result.kind = Kind::computed;
    return result;
  }

  // A list, a tuple, or a value in parentheses.
  PythonValue list(PythonValue result, std::string_view close) {
    ++at_;
    result.kind = Kind::list;
    bool comma = false;
    while (true) {
      skip_comments();
      if (take(close)) break;
      result.items.push_back(value());
      if (++entries_ > max_entries)
        throw PythonError(result.place, "more than 10,000 values", "settings, which have about forty");
      skip_comments();
      if (take(",")) {
        comma = true;
      } else if (!is(close)) {
        result.kind = Kind::computed;
        return result;
      }
    }
    if (close == ")" && !comma && result.items.size() == 1) {
      PythonValue only = std::move(result.items.front());
      return only;
    }
    return result;
  }

  PythonValue braces(PythonValue result) {
    ++at_;
    result.kind = Kind::dict;
    std::vector<std::string> above;
    bool is_set = false;
    while (true) {
      for (; now().kind == TokenKind::comment; ++at_) above.push_back(now().text);
      if (take("}")) break;
      const std::size_t first = at_;
      if (take("**")) {
        value();
        skip(first, "what another dictionary brings in is not known here");
      } else {
        PythonValue key = value(true);
        if (!is(":")) {
          is_set = true;
          result.items.push_back(std::move(key));
        } else {
          ++at_;
          pair(result, std::move(key), first, std::move(above));
        }
      }
      above.clear();
      PythonEntry* last =
          is_set || result.entries.empty() ? nullptr : &result.entries[last_entry_of(result, first)];
      std::uint32_t line = tokens_[at_ - 1].place.line;
      for (; now().kind == TokenKind::comment; ++at_) note_beside(last, line, above);
      if (take(",")) {
        line = tokens_[at_ - 1].place.line;
        if (now().kind == TokenKind::comment && now().place.line == line) {
          note_beside(last, line, above);
          ++at_;
        }
      } else if (!is("}")) {
        result.kind = Kind::computed;
        return result;
      }
    }
    if (is_set) result.kind = Kind::list;
    return result;
  }

  void note_beside(PythonEntry* entry, std::uint32_t line, std::vector<std::string>& above) {
    if (entry && now().place.line == line && entry->beside.empty()) {
      entry->beside = now().text;
    } else {
      above.push_back(now().text);
    }
  }

  // The entry that was just read; the last one unless its key stood there before.
  std::size_t last_entry_of(const PythonValue& dict, std::size_t first) const {
    for (std::size_t i = dict.entries.size(); i-- > 0;) {
      if (dict.entries[i].place == tokens_[first].place) return i;
    }
    return dict.entries.size() - 1;
  }

  void pair(PythonValue& dict, PythonValue key, std::size_t first, std::vector<std::string> above) {
    PythonValue read = value();
    if (key.kind != Kind::text) return skip(first, "its key is no plain text");
    PythonEntry& entry = entry_of(dict, key.text, key.place);
    entry.value = std::move(read);
    entry.place = key.place;
    entry.above = std::move(above);
    entry.beside.clear();
  }

  void skip(std::size_t first, std::string why) {
    result_.skipped.push_back({tokens_[first].place, source_of(first, at_), std::move(why)});
  }

  // True, None, os.environ["X"], os.environ.get("X", "y"), os.getenv("X"), Path("x"), Decimal("1").
  PythonValue named(PythonValue result) {
    std::string dotted = now().text;
    ++at_;
    while (is(".") && tokens_[at_ + 1].kind == TokenKind::name) {
      dotted += "." + tokens_[at_ + 1].text;
      at_ += 2;
    }
    if (dotted == "True" || dotted == "False") {
      result.kind = Kind::boolean;
      result.text = dotted == "True" ? "true" : "false";
      return result;
    }
    if (dotted == "None") return result;
    result.kind = Kind::computed;
    const bool index = dotted == "os.environ" || dotted == "environ";
    const bool call = dotted == "os.environ.get" || dotted == "environ.get" || dotted == "os.getenv" ||
                      dotted == "getenv" || dotted == "env" || dotted == "env.str";
    if ((index && is("[")) || (call && is("("))) return environment(std::move(result), index ? "]" : ")");
    const bool wrapper = dotted == "Path" || dotted == "pathlib.Path" || dotted == "Decimal" ||
                         dotted == "decimal.Decimal" || dotted == "str";
    if (wrapper && is("(") && tokens_[at_ + 1].kind == TokenKind::text) {
      ++at_;
      PythonValue inner = literal();
      if (inner.kind != Kind::text || !take(")")) return result;
      const bool number = dotted.ends_with("Decimal") && !inner.text.empty() &&
                          inner.text.find_first_not_of("0123456789.") == std::string::npos;
      if (dotted.ends_with("Decimal") && !number) return result;
      result.kind = number ? Kind::number : Kind::text;
      result.text = inner.text;
    }
    return result;
  }

  PythonValue environment(PythonValue result, std::string_view close) {
    ++at_;
    skip_comments();
    if (now().kind != TokenKind::text) return result;
    result.text = now().text;
    ++at_;
    skip_comments();
    if (close == ")" && take(",")) {
      skip_comments();
      if (now().kind == TokenKind::name && (is_name("default")) && tokens_[at_ + 1].text == "=") at_ += 2;
      if (!is(")")) {
        PythonValue standard = value();
        // os.environ.get("X", None) says no more than os.environ.get("X").
        result.has_default = standard.kind != Kind::none;
        if (result.has_default) result.default_value.push_back(std::move(standard));
        skip_comments();
        take(",");
        skip_comments();
      }
    }
    if (!take(close)) return result;
    result.kind = Kind::environment;
    return result;
  }

  std::string_view source_, name_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0, entries_ = 0;
  bool same_line_ = false, conditional_ = false;
  PythonSettings result_;
};

}  // namespace

PythonSettings read_python_settings(std::string_view source, std::string_view name) {
  return Reader(source, name).run();
}

}  // namespace plenary::config
