// What the address of a list asks for: search, filters, order, dates, page. All of a list's state is there,
// so that it can be kept, sent and gone back to. Whatever is not understood is left out and told. Plain
// values, any thread; no errors but HttpError for an address that is no form data. source: configuration 10,
// 5 and Do better 32.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/model.hpp"
#include "base/time.hpp"

namespace plenary::admin {

inline constexpr std::int64_t rows_a_page = 100, rows_shown_at_most = 1'000;

// How a column can be filtered. Nothing: not at all.
enum class FilterKind { flag, choice, reference, moment, text };
std::optional<FilterKind> filter_kind(const Model& model, const db::Column& column);

struct ListState {
  std::string search;                                        // as typed, cut to what is looked for
  std::vector<std::string> words;                            // each must be found
  std::vector<std::pair<std::string, std::string>> filters;  // column and value, in the model's order
  std::string sort;                                          // name of a list column; empty: the usual order
  bool descending = false;
  int year = 0, month = 0, day = 0;  // 0: not narrowed
  std::int64_t page = 1;
  bool all = false;                  // on one page
  std::string pick, pick_search;     // values of a reference being looked for
  std::vector<std::string> ignored;  // "color=red"

  const std::string* filter(std::string_view column) const;
  bool is_narrowed() const { return !words.empty() || !filters.empty() || year != 0; }

  // "?q=ada&status=paid", or "" where there is nothing to say. Each with one thing changed, on the first
  // page.
  std::string query() const;
  std::string with_filter(std::string_view column, std::string_view value) const;  // empty value: without it
  std::string with_sort(std::string_view column, bool downwards) const;
  std::string with_dates(int y, int m, int d) const;
  std::string with_page(std::int64_t number) const;
  std::string with_all() const;
  std::string with_pick(std::string_view column) const;
  std::string without_search() const;
  // The same as hidden fields for a search form.
  std::vector<std::pair<std::string, std::string>> parts() const;
};

// `query` without its question mark.
ListState read_state(const Model& model, std::string_view query);

// The search's words: at most 10, each at most 100 characters.
std::vector<std::string> words_of(std::string_view search);

}  // namespace plenary::admin
