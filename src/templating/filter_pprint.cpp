// pprint: a value as Python's pprint lays it out, 80 columns wide, mappings sorted by key.
#include <algorithm>

#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

constexpr std::size_t columns = 80;

// As repr(), with the keys of mappings in order.
std::string flat(const Value& v) {
  if (v.kind() == Value::Kind::dict) {
    std::vector<const Dict::Entry*> entries;
    for (const Dict::Entry& entry : v.dict().entries()) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->key < b->key; });
    std::string out = "{";
    for (const Dict::Entry* entry : entries) {
      if (out.size() > 1) out += ", ";
      python::append_string_repr(entry->key, out);
      out += ": " + flat(entry->value);
    }
    return out + "}";
  }
  if (v.kind() == Value::Kind::list && v.list().form() <= List::Form::tuple) {
    const bool tuple = v.list().form() == List::Form::tuple;
    std::string out = tuple ? "(" : "[";
    for (std::size_t i = 0; i < v.list().size(); ++i) out += (i == 0 ? "" : ", ") + flat(v.list()[i]);
    return out + (tuple ? (v.list().size() == 1 ? ",)" : ")") : "]");
  }
  return python::repr(v);
}

std::size_t width(std::string_view text) {
  return unicode::count(text);
}

class Layout {
 public:
  std::string out;

  // `allowance`: columns that closing brackets behind will take.
  void put(const Value& v, std::size_t indent, std::size_t allowance, std::size_t level) {
    const std::string line = flat(v);
    if (width(line) <= room(indent, allowance)) {
      out += line;
    } else if (v.kind() == Value::Kind::dict && v.dict().size() > 0) {
      put_dict(v.dict(), indent, allowance, level);
    } else if (v.kind() == Value::Kind::list && v.list().form() <= List::Form::tuple && v.list().size() > 0) {
      put_list(v.list(), indent, allowance, level);
    } else if (v.is_string() && !v.str().empty()) {
      put_string(v.str(), indent, allowance, level);
    } else {
      out += line;
    }
  }

 private:
  static std::size_t room(std::size_t indent, std::size_t allowance) {
    return columns > indent + allowance ? columns - indent - allowance : 0;
  }

  void put_dict(const Dict& dict, std::size_t indent, std::size_t allowance, std::size_t level) {
    std::vector<const Dict::Entry*> entries;
    for (const Dict::Entry& entry : dict.entries()) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->key < b->key; });
    out += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i != 0) out += ",\n" + std::string(indent + 1, ' ');
      std::string key;
      python::append_string_repr(entries[i]->key, key);
      out += key + ": ";
      put(entries[i]->value, indent + 1 + width(key) + 2, i + 1 == entries.size() ? allowance + 1 : 1,
          level + 1);
    }
    out += '}';
  }

  void put_list(const List& list, std::size_t indent, std::size_t allowance, std::size_t level) {
    const bool tuple = list.form() == List::Form::tuple;
    const std::string_view end = tuple ? (list.size() == 1 ? ",)" : ")") : "]";
    out += tuple ? '(' : '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out += ",\n" + std::string(indent + 1, ' ');
      put(list[i], indent + 1, i + 1 == list.size() ? allowance + end.size() : 1, level + 1);
    }
    out += end;
  }

  static std::string quoted(std::string_view text) {
    std::string out;
    python::append_string_repr(text, out);
    return out;
  }

  // A long text: one literal a line, broken behind white space.
  void put_string(std::string_view text, std::size_t indent, std::size_t allowance, std::size_t level) {
    ++level;
    if (level == 1) {
      ++indent;
      ++allowance;
    }
    std::vector<std::string> chunks;
    std::vector<std::string_view> lines;
    std::string_view rest = text;
    for (std::string_view line : unicode::split_lines(text)) {
      const char* end = line.data() + line.size();
      const std::size_t used = static_cast<std::size_t>(end - rest.data());
      std::size_t with_break = used;
      if (with_break < rest.size()) {
        with_break += unicode::width(rest, with_break);
        if (rest[used] == '\r' && with_break < rest.size() && rest[with_break] == '\n') ++with_break;
      }
      lines.push_back(rest.substr(0, with_break));
      rest = rest.substr(with_break);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool last_line = i + 1 == lines.size();
      const std::size_t wide = room(indent, last_line ? allowance : 0);
      if (width(quoted(lines[i])) <= wide) {
        chunks.push_back(quoted(lines[i]));
        continue;
      }
      put_words(lines[i], room(indent, 0), wide, chunks);
    }
    if (chunks.size() == 1) {
      out += chunks[0];
      return;
    }
    if (level == 1) out += '(';
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i > 0) out += "\n" + std::string(indent, ' ');
      out += chunks[i];
    }
    if (level == 1) out += ')';
  }

  // Pieces of a line that end behind white space.
  static void put_words(std::string_view line, std::size_t wide, std::size_t last_wide,
                        std::vector<std::string>& chunks) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t begin = at;
      bool blank = false;
      while (at < line.size()) {
        std::size_t after = at;
        const bool space = unicode::is_space(unicode::next(line, after));
        if (blank && !space) break;
        blank = space;
        at = after;
      }
      parts.push_back(line.substr(begin, at - begin));
    }
    std::string current;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      const std::string candidate = current + std::string(parts[j]);
      const std::size_t limit = j + 1 == parts.size() ? last_wide : wide;
      if (width(quoted(candidate)) > limit) {
        if (!current.empty()) chunks.push_back(quoted(current));
        current = parts[j];
      } else {
        current = candidate;
      }
    }
    if (!current.empty()) chunks.push_back(quoted(current));
  }
};

Value pprint(const Value& v, const Value*, Context&) {
  Layout layout;
  layout.put(v, 0, 0, 0);
  return Value(layout.out);
}

}  // namespace

void add_pprint_filter(Library& library) {
  library.filter("pprint", pprint, options(Argument::none, true));
}

}  // namespace plenary::templating
