#include "site/theme_css.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace plenary::site {
namespace {

// The surfaces of assets/scss/_colors.scss that the colour stands on; the darkest of the light ones, the
// lightest of the dark ones.
constexpr Color white{255, 255, 255}, black{0, 0, 0};
constexpr Color light_page{246, 247, 249}, dark_surface{25, 28, 34};
constexpr double readable = 4.5;

double linear(int channel) {
  const double part = channel / 255.0;
  return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}
double luminance(Color c) {
  return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
}

Color mix(Color from, Color to, double share) {
  const auto one = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
  return {one(from.red, to.red), one(from.green, to.green), one(from.blue, to.blue)};
}

// The first step from `color` towards `end` that can be read on all of `on`.
Color readable_on(Color color, Color end, std::initializer_list<Color> on) {
  for (int step = 0; step <= 40; ++step) {
    const Color tried = mix(color, end, step / 40.0);
    if (std::all_of(on.begin(), on.end(), [&](Color c) { return contrast(tried, c) >= readable; }))
      return tried;
  }
  return end;
}

Color text_on(Color color) {
  return contrast(white, color) >= contrast(black, color) ? white : black;
}

Accent completed(Color accent, Color text, Color soft) {
  const Color on = text_on(accent);
  // Away from the text on it, so that the contrast only grows.
  return {accent, mix(accent, on == white ? Color{0, 0, 0} : white, 0.18), on, text, soft};
}

std::string variables(const Accent& accent) {
  return fmt::format("--accent:{};--accent-strong:{};--on-accent:{};--accent-text:{};--accent-soft:{}",
                     to_text(accent.accent), to_text(accent.strong), to_text(accent.on_accent),
                     to_text(accent.text), to_text(accent.soft));
}

}  // namespace

bool is_color(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

Color color_of(std::string_view text) {
  if (!is_color(text)) throw std::invalid_argument(fmt::format("\"{}\" is no colour such as #0b5cad", text));
  const auto channel = [&](std::size_t at) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    return value;
  };
  return {channel(1), channel(3), channel(5)};
}

std::string to_text(Color color) {
  return fmt::format("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
}

double contrast(Color one, Color other) {
  const double a = luminance(one), b = luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Accent light_accent(Color color) {
  const Color soft = mix(white, color, 0.08);
  return completed(color, readable_on(color, black, {white, light_page, soft}), soft);
}

Accent dark_accent(Color color) {
  const Color soft = mix(dark_surface, color, 0.15);
  const Color text = readable_on(color, white, {dark_surface, soft});
  return completed(text, text, soft);
}

std::string theme_css(Color color) {
  const std::string dark = variables(dark_accent(color));
  return fmt::format(
      ":root{{{}}}\n@media screen and "
      "(prefers-color-scheme:dark){{:root:not([data-bs-theme=\"light\"]){{{}}}}}\n"
      "@media screen{{:root[data-bs-theme=\"dark\"]{{{}}}}}\n",
      variables(light_accent(color)), dark, dark);
}

Task<web::Response> show_theme_css(Site&, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::string& color = visit.catalogue->conference.accent_color;
  if (!is_color(color)) co_return web::Response::not_found();
  web::Response response;
  response.content_type = "text/css; charset=utf-8";
  response.body(theme_css(color_of(color)));
  // Its address names the version of the catalogue: what is at that address never changes.
  const auto asked = request.query("v");
  const bool is_current = asked && *asked == std::to_string(visit.conference->catalogue_version);
  response.set("Cache-Control", is_current ? "public, max-age=31536000, immutable" : "public, max-age=60");
  co_return response;
}

}  // namespace plenary::site
