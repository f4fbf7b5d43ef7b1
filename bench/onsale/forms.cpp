#include "forms.hpp"

#include <cstdint>
#include <cstring>

namespace plenary::onsale {
namespace {

constexpr auto none = std::string_view::npos;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

std::size_t find(std::string_view text, std::string_view what, std::size_t from) {
  if (from >= text.size()) return none;
  const auto* at =
      static_cast<const char*>(memmem(text.data() + from, text.size() - from, what.data(), what.size()));
  return at == nullptr ? none : static_cast<std::size_t>(at - text.data());
}

// The end of the tag that begins at `from` (the position of its '>'); quoted attribute values may hold one.
std::size_t end_of_tag(std::string_view html, std::size_t from) {
  char quote = 0;
  for (std::size_t i = from; i < html.size(); ++i) {
    const char c = html[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i;
    }
  }
  return none;
}

// Walks over the attributes of a tag.
class Attributes {
 public:
  explicit Attributes(std::string_view tag) : rest_(tag) {}
  bool next(std::string_view& name, std::string_view& value) {
    std::size_t i = 0;
    while (i < rest_.size() && (is_space(rest_[i]) || rest_[i] == '/')) ++i;
    std::size_t start = i;
    while (i < rest_.size() && !is_space(rest_[i]) && rest_[i] != '=' && rest_[i] != '/') ++i;
    if (i == start) return false;
    name = rest_.substr(start, i - start);
    value = {};
    if (i < rest_.size() && rest_[i] == '=') {
      ++i;
      if (i < rest_.size() && (rest_[i] == '"' || rest_[i] == '\'')) {
        const auto end = rest_.find(rest_[i], i + 1);
        if (end == none) return false;
        value = rest_.substr(i + 1, end - i - 1);
        i = end + 1;
      } else {
        start = i;
        while (i < rest_.size() && !is_space(rest_[i])) ++i;
        value = rest_.substr(start, i - start);
      }
    }
    rest_.remove_prefix(i);
    return true;
  }

 private:
  std::string_view rest_;
};

std::string_view attribute(std::string_view tag, std::string_view wanted) {
  Attributes attributes(tag);
  std::string_view name, value;
  while (attributes.next(name, value)) {
    if (name == wanted) return value;
  }
  return {};
}

struct Control {
  std::string_view kind;  // "input", "select", "textarea"
  std::string_view name, value, type;
  bool ticked = false;
};

// The next control of a form after `at`; `at` moves behind it.
bool next_control(std::string_view form, std::size_t& at, Control& control) {
  while ((at = find(form, "<", at)) != none) {
    const auto rest = form.substr(at + 1);
    control = Control{};
    for (std::string_view kind : {"input", "select", "textarea"}) {
      if (rest.starts_with(kind) && rest.size() > kind.size() && is_space(rest[kind.size()]))
        control.kind = kind;
    }
    if (control.kind.empty()) {
      ++at;
      continue;
    }
    const auto start = at + 1 + control.kind.size();
    const auto end = end_of_tag(form, start);
    if (end == none) return false;
    Attributes attributes(form.substr(start, end - start));
    std::string_view name, value;
    while (attributes.next(name, value)) {
      if (name == "name") control.name = value;
      if (name == "value") control.value = value;
      if (name == "type") control.type = value;
      if (name == "checked") control.ticked = true;
    }
    at = end + 1;
    return true;
  }
  return false;
}

void append_encoded(std::string& out, unsigned char c) {
  static constexpr char hex[] = "0123456789ABCDEF";
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
      c == '.' || c == '~') {
    out += static_cast<char>(c);
  } else if (c == ' ') {
    out += '+';
  } else {
    const char escaped[] = {'%', hex[c >> 4], hex[c & 15]};
    out.append(escaped, 3);
  }
}

void append_utf8_encoded(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    append_encoded(out, static_cast<unsigned char>(code));
  } else if (code < 0x800) {
    append_encoded(out, static_cast<unsigned char>(0xC0 | code >> 6));
    append_encoded(out, static_cast<unsigned char>(0x80 | (code & 63)));
  } else {
    append_encoded(out, static_cast<unsigned char>(0xE0 | (code >> 12 & 15)));
    append_encoded(out, static_cast<unsigned char>(0x80 | (code >> 6 & 63)));
    append_encoded(out, static_cast<unsigned char>(0x80 | (code & 63)));
  }
}

// The length of the character reference at the front of `text`, and its character; 0 when it is none.
std::size_t reference(std::string_view text, std::uint32_t& code) {
  static constexpr struct {
    std::string_view name;
    std::uint32_t code;
  } named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  for (const auto& one : named) {
    if (text.starts_with(one.name)) {
      code = one.code;
      return one.name.size();
    }
  }
  const auto end = text.substr(0, 10).find(';');
  if (end == none || end < 3 || text[1] != '#') return 0;
  const bool hex = text[2] == 'x' || text[2] == 'X';
  code = 0;
  for (char c : text.substr(hex ? 3 : 2, end - (hex ? 3 : 2))) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
    } else if (hex && lower >= 'a' && lower <= 'f') {
      code = code * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return 0;
    }
  }
  return end + 1;
}

void append_attribute_value(std::string& out, std::string_view value) {
  for (std::size_t i = 0; i < value.size();) {
    std::uint32_t code = 0;
    const auto length = value[i] == '&' ? reference(value.substr(i), code) : 0;
    if (length > 0) {
      append_utf8_encoded(out, code);
      i += length;
    } else {
      append_encoded(out, static_cast<unsigned char>(value[i++]));
    }
  }
}

}  // namespace

std::optional<std::string_view> find_form(std::string_view page, std::string_view action, FieldValue marker) {
  std::size_t at = 0;
  while ((at = find(page, "<form", at)) != none) {
    const auto tag_end = end_of_tag(page, at);
    if (tag_end == none) return std::nullopt;
    const auto tag = page.substr(at + 5, tag_end - at - 5);
    at = tag_end + 1;
    if (attribute(tag, "action") != action) continue;
    const auto form_end = find(page, "</form", at);
    if (form_end == none) return std::nullopt;
    const auto form = page.substr(at, form_end - at);
    if (marker.name.empty()) return form;
    std::size_t inside = 0;
    Control control;
    while (next_control(form, inside, control)) {
      if (control.name == marker.name && control.value == marker.value) return form;
    }
    at = form_end;
  }
  return std::nullopt;
}

void encode_form(std::string_view form, std::span<const FieldValue> typed, std::string& body) {
  std::size_t at = 0;
  Control control;
  while (next_control(form, at, control)) {
    if (control.name.empty() || control.type == "submit" || control.type == "button" ||
        control.type == "reset")
      continue;
    if ((control.type == "checkbox" || control.type == "radio") && !control.ticked) continue;
    const FieldValue* mine = nullptr;
    for (const auto& field : typed) {
      if (field.name == control.name) mine = &field;
    }
    // What a select or a text area holds stands in its content: only what is typed is sent of those.
    if (mine == nullptr && control.kind != "input") continue;
    if (!body.empty()) body += '&';
    for (char c : control.name) append_encoded(body, static_cast<unsigned char>(c));
    body += '=';
    if (mine != nullptr) {
      for (char c : mine->value) append_encoded(body, static_cast<unsigned char>(c));
    } else {
      append_attribute_value(body, control.value);
    }
  }
}

}  // namespace plenary::onsale
