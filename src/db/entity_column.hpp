// One column of an entity table: what is stored, what is allowed, what people and exports need to know, and
// where its value lives in the struct. Made by column(…) in db/entity.hpp's descriptions; immutable
// afterwards, any thread. source: docs/design.md, section 5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::db {

// What the value means. Stored as INTEGER or BIGINT (integer), SMALLINT (flag), BIGINT (instant), TEXT (all
// others).
enum class ColumnType : unsigned char { integer, flag, real, text, instant, date, decimal, choice };

// How a text looks, for forms and validation. All but paragraph and json refuse control characters.
enum class TextFormat : unsigned char { line, paragraph, slug, email, url, json };

enum class OnDelete : unsigned char { refuse, cascade, set_null };

struct Choice {
  std::string_view value;  // as stored
  std::string label;       // as shown
};

struct Column;

namespace column_detail {
// Moves values between a struct's member and a bound or read value. `scratch` keeps texts made on the fly
// alive.
struct Codec {
  ColumnType type;
  ColumnKind kind;
  bool nullable;
  Param (*get)(const Column& column, const void* member, std::string& scratch);
  void (*set)(const Column& column, void* member, const Field& field);
};
template <class M>
const Codec& codec_of();
}  // namespace column_detail

struct Column {
  std::string_view name;  // in the table
  ColumnType type = ColumnType::text;
  bool nullable = false;
  std::string label;  // "Total quantity"
  std::string_view help;

  // Rules.
  bool is_required = false;  // a text that must not be blank
  int max_length = 0;        // characters; 0: no limit
  std::optional<std::int64_t> minimum, maximum;
  TextFormat format = TextFormat::line;
  std::vector<Choice> choices;
  std::string_view references;  // table
  std::string_view referenced_column = "id";
  OnDelete on_delete = OnDelete::refuse;
  bool is_loose = false;  // a reference without foreign key: the row may be gone, its number stays

  // Roles.
  bool is_key = false, is_generated = false;  // generated: the database gives the id
  bool is_read_only = false;                  // shown, never edited by a form
  bool is_fixed = false;                      // written by the insert, never by an update
  bool is_managed = false;  // written by db/ or by statements of its own, never through the entity
  bool is_version = false, is_created = false, is_updated = false;
  bool is_money = false;     // minor units
  bool is_secret = false;    // never shown, exported or logged
  bool is_sealed = false;    // a secret that is stored encrypted; domain/sealed_columns.cpp lists them all
  bool is_personal = false;  // about a person: found, exported and erased on request
  int retention_days = 0;    // personal data is erased this long after the conference; 0: kept

  // Place in the struct.
  std::size_t offset = 0;
  const column_detail::Codec* codec = nullptr;

  Param get(const void* row, std::string& scratch) const {
    return codec->get(*this, static_cast<const char*>(row) + offset, scratch);
  }
  void set(void* row, const Field& field) const {
    codec->set(*this, static_cast<char*>(row) + offset, field);
  }
  bool is_null(const void* row) const;
  // The value as text: integers and money plain, flags "true"/"false", instants RFC 3339. Nothing when null.
  std::optional<std::string> text(const void* row) const;
  // The other way round. False: not a value of the column's type (an empty text is null where null is
  // allowed).
  bool set_text(void* row, std::string_view text) const;
};

// A column under construction, by T: column("name", &TicketType::name).required().max_length(200).
class ColumnDraft {
 public:
  explicit ColumnDraft(Column column, const void* owner) : column_(std::move(column)), owner_(owner) {}

  ColumnDraft& key() { return column_.is_key = column_.is_fixed = column_.is_read_only = true, *this; }
  ColumnDraft& generated_key() { return column_.is_generated = true, key(); }
  ColumnDraft& required() { return column_.is_required = true, *this; }
  ColumnDraft& max_length(int characters) { return column_.max_length = characters, *this; }
  ColumnDraft& minimum(std::int64_t least) { return column_.minimum = least, *this; }
  ColumnDraft& maximum(std::int64_t most) { return column_.maximum = most, *this; }
  ColumnDraft& format(TextFormat format) { return column_.format = format, *this; }
  // For an enumeration: the stored texts in the order of its enumerators, which count from 0.
  ColumnDraft& choices(std::initializer_list<std::string_view> values);
  // One more of them, with what people call it where the text made from the stored one is not it.
  ColumnDraft& choice(std::string_view value, std::string label) {
    return column_.choices.push_back({value, std::move(label)}), *this;
  }
  ColumnDraft& references(std::string_view table, OnDelete on_delete = OnDelete::refuse) {
    return column_.references = table, column_.on_delete = on_delete, *this;
  }
  ColumnDraft& points_to(std::string_view table) { return column_.is_loose = true, references(table); }
  ColumnDraft& references(std::string_view table, std::string_view key, OnDelete on_delete) {
    return column_.referenced_column = key, references(table, on_delete);
  }
  ColumnDraft& label(std::string_view text) { return column_.label = text, *this; }
  ColumnDraft& help(std::string_view text) { return column_.help = text, *this; }
  ColumnDraft& read_only() { return column_.is_read_only = true, *this; }
  ColumnDraft& fixed() { return column_.is_fixed = true, *this; }
  ColumnDraft& managed() { return column_.is_managed = true, read_only(); }
  ColumnDraft& version() { return column_.is_version = true, read_only(); }
  ColumnDraft& created() { return column_.is_created = column_.is_fixed = true, read_only(); }
  ColumnDraft& updated() { return column_.is_updated = true, read_only(); }
  ColumnDraft& money() { return column_.is_money = true, *this; }
  ColumnDraft& secret() { return column_.is_secret = true, *this; }
  ColumnDraft& sealed() { return column_.is_sealed = true, secret(); }
  ColumnDraft& personal(int retention_days = 0) {
    return column_.is_personal = true, column_.retention_days = retention_days, *this;
  }

  const Column& column() const { return column_; }
  const void* owner() const { return owner_; }  // which struct, see column_detail::owner_tag

 private:
  Column column_;
  const void* owner_;
};

namespace column_detail {

template <class T>
inline constexpr char owner_tag = 0;

Column described(std::string_view name, std::size_t offset, const Codec& codec);

template <class T, class M>
std::size_t offset_of(M T::*member) {
  static const T prototype{};
  return static_cast<std::size_t>(reinterpret_cast<const char*>(&(prototype.*member)) -
                                  reinterpret_cast<const char*>(&prototype));
}

// An enumerator's number is the index of its stored text.
inline constexpr std::size_t no_choice = static_cast<std::size_t>(-1);
std::size_t choice_index(const Column& column, std::string_view text, std::nothrow_t);  // no_choice
std::size_t choice_index(const Column& column, std::string_view text);                  // std::logic_error
std::string_view choice_text(const Column& column, std::size_t index);

// One value, without null.
template <class M>
struct Value {
  static_assert(std::is_enum_v<M>, "this type has no column type; see db/entity_column.hpp");
  static constexpr ColumnType type = ColumnType::choice;
  static constexpr ColumnKind kind = ColumnKind::text;
  static Param get(const Column& column, const M& value, std::string&) {
    return choice_text(column, static_cast<std::size_t>(value));
  }
  static M read(const Column& column, const Field& f) { return static_cast<M>(choice_index(column, f.text)); }
};
template <class M, ColumnType t>
struct PlainValue {
  static constexpr ColumnType type = t;
  static constexpr ColumnKind kind = detail::Column<M>::kind;
  static Param get(const Column&, const M& value, std::string&) { return value; }
  static M read(const Column&, const Field& f) { return detail::Column<M>::read(f); }
};
template <>
struct Value<std::int64_t> : PlainValue<std::int64_t, ColumnType::integer> {};
template <>
struct Value<int> : PlainValue<int, ColumnType::integer> {};
template <>
struct Value<bool> : PlainValue<bool, ColumnType::flag> {};
template <>
struct Value<double> : PlainValue<double, ColumnType::real> {};
template <>
struct Value<std::string> : PlainValue<std::string, ColumnType::text> {};
template <>
struct Value<Instant> : PlainValue<Instant, ColumnType::instant> {};
template <>
struct Value<Date> {
  static constexpr ColumnType type = ColumnType::date;
  static constexpr ColumnKind kind = ColumnKind::text;
  static Param get(const Column&, const Date& value, std::string& scratch) {
    return scratch = value.to_string();
  }
  static Date read(const Column& column, const Field& f);
};
template <>
struct Value<Decimal> {
  static constexpr ColumnType type = ColumnType::decimal;
  static constexpr ColumnKind kind = ColumnKind::text;
  static Param get(const Column&, const Decimal& value, std::string& scratch) {
    return scratch = value.to_string();
  }
  static Decimal read(const Column& column, const Field& f);
};

template <class M>
struct MemberCodec {
  static constexpr bool nullable = false;
  using Inner = Value<M>;
  static Param get(const Column& column, const void* member, std::string& scratch) {
    return Inner::get(column, *static_cast<const M*>(member), scratch);
  }
  static void set(const Column& column, void* member, const Field& field) {
    *static_cast<M*>(member) = Inner::read(column, field);
  }
};
template <class M>
struct MemberCodec<std::optional<M>> {
  static constexpr bool nullable = true;
  using Inner = Value<M>;
  static Param get(const Column& column, const void* member, std::string& scratch) {
    const auto& value = *static_cast<const std::optional<M>*>(member);
    if (value) return Inner::get(column, *value, scratch);
    if constexpr (Inner::kind == ColumnKind::text) return std::optional<std::string_view>();
    return std::optional<std::int64_t>();
  }
  static void set(const Column& column, void* member, const Field& field) {
    auto& value = *static_cast<std::optional<M>*>(member);
    if (field.is_null) {
      value.reset();
    } else {
      value = Inner::read(column, field);
    }
  }
};

template <class M>
const Codec& codec_of() {
  using C = MemberCodec<M>;
  static constexpr Codec codec{C::Inner::type, C::Inner::kind, C::nullable, &C::get, &C::set};
  return codec;
}

}  // namespace column_detail

template <class T, class M>
ColumnDraft column(std::string_view name, M T::*member) {
  return ColumnDraft(
      column_detail::described(name, column_detail::offset_of(member), column_detail::codec_of<M>()),
      &column_detail::owner_tag<T>);
}
// A member of a member: column("billing_name", &Order::billing, &Billing::name).
template <class T, class S, class M>
ColumnDraft column(std::string_view name, S T::*outer, M S::*inner) {
  return ColumnDraft(
      column_detail::described(name, column_detail::offset_of(outer) + column_detail::offset_of(inner),
                               column_detail::codec_of<M>()),
      &column_detail::owner_tag<T>);
}

}  // namespace plenary::db
