#include "site/extensions.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace plenary::site {

Extensions& Extensions::add_pages(AddPages add) {
  pages.push_back(std::move(add));
  return *this;
}

Extensions& Extensions::add_context(ContextProcessor processor) {
  context.push_back(std::move(processor));
  return *this;
}

Extensions& Extensions::add_templates_folder(std::filesystem::path folder) {
  templates_folders.push_back(std::move(folder));
  return *this;
}

Extensions& Extensions::add_library(std::string name, templating::Library library) {
  const auto [place, is_new] = libraries.emplace(std::move(name), std::move(library));
  if (!is_new)
    throw std::invalid_argument(fmt::format("there are two tag libraries named \"{}\"", place->first));
  return *this;
}

Extensions& Extensions::on_order_paid(std::string name, OnOrderPaid told) {
  if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != name.npos)
    throw std::invalid_argument(
        fmt::format("\"{}\" cannot name who hears of paid orders: a-z, 0-9, - and _", name));
  const auto [place, is_new] = paid_subscribers.emplace(std::move(name), std::move(told));
  if (!is_new)
    throw std::invalid_argument(fmt::format("two named \"{}\" would hear of paid orders", place->first));
  return *this;
}

}  // namespace plenary::site
