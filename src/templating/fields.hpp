// Shows plain structs to templates without copying them: a table of (name, how to read it) beside the struct.
//   constexpr Field<Ticket> ticket_fields[] = {{"name", [](const Ticket& t) { return Value::borrowed(t.name);
//   }}, …}; context.set("ticket", view(ticket, ticket_fields));        the struct outlives the render
//   context.set("tickets", view_each(tickets, ticket_fields)); a std::vector that outlives the render
//   context.set("ticket", owned(std::move(ticket), ticket_fields));
// The table must be static. Safe for several threads as long as nobody writes the structs.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "templating/value.hpp"

namespace plenary::templating {

template <class T>
struct Field {
  std::string_view name;
  Value (*read)(const T&);
};

template <class T>
using Fields = std::span<const Field<T>>;

template <class T>
Value read_field(const T& item, Fields<T> fields, std::string_view name) {
  for (const Field<T>& field : fields) {
    if (field.name == name) return field.read(item);
  }
  return Value::undefined();
}

// {{ item }} prints the attribute "name" or "title" when there is one.
template <class T>
class View : public Object {
 public:
  View(const T& item, Fields<T> fields) : item_(&item), fields_(fields) {}
  Value get(std::string_view name) const override { return read_field(*item_, fields_, name); }
  bool equals(const Object& other) const override {
    auto* view = dynamic_cast<const View*>(&other);
    return view && view->item_ == item_;
  }
  const T& item() const { return *item_; }

 private:
  const T* item_;
  Fields<T> fields_;
};

template <class T>
class OwnedView : public Object {
 public:
  OwnedView(T item, Fields<T> fields) : item_(std::move(item)), fields_(fields) {}
  Value get(std::string_view name) const override { return read_field(item_, fields_, name); }
  const T& item() const { return item_; }

 private:
  T item_;
  Fields<T> fields_;
};

template <class T>
class ListView : public Object {
 public:
  ListView(std::span<const T> items, Fields<T> fields) : items_(items), fields_(fields) {}
  Value get(std::string_view) const override { return Value::undefined(); }
  bool is_sequence() const override { return true; }
  std::size_t size() const override { return items_.size(); }
  Value at(std::size_t index) const override { return Value(make<View<T>>(items_[index], fields_)); }

 private:
  std::span<const T> items_;
  Fields<T> fields_;
};

template <class T, std::size_t N>
Value view(const T& item, const Field<T> (&fields)[N]) {
  return Value(make<View<T>>(item, Fields<T>(fields)));
}

template <class T, std::size_t N>
Value owned(T item, const Field<T> (&fields)[N]) {
  return Value(make<OwnedView<T>>(std::move(item), Fields<T>(fields)));
}

template <class T, std::size_t N>
Value view_each(const std::vector<T>& items, const Field<T> (&fields)[N]) {
  return Value(make<ListView<T>>(std::span<const T>(items), Fields<T>(fields)));
}

// Copies the structs into a list.
template <class T, std::size_t N>
Value owned_each(const std::vector<T>& items, const Field<T> (&fields)[N]) {
  auto list = make<List>();
  list->reserve(items.size());
  for (const T& item : items) list->add(owned(item, fields));
  return Value(std::move(list));
}

}  // namespace plenary::templating
