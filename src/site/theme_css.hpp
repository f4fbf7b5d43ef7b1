// A conference's colour as a small style sheet of its own: variables for the light and the dark theme, chosen
// so that text keeps a contrast of 4.5:1 on it and in it, whatever colour was asked for. Pure but for the
// handler. source: ground rules 15, 4.5; WCAG 2.2, 1.4.3.
#pragma once

#include <string>
#include <string_view>

#include "base/task.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

struct Color {
  int red = 0, green = 0, blue = 0;  // 0 to 255
  friend bool operator==(const Color&, const Color&) = default;
};

// "#0b5cad" and nothing else.
bool is_color(std::string_view text);
Color color_of(std::string_view text);  // std::invalid_argument
std::string to_text(Color color);
// 1 to 21. source: WCAG 2.2, "contrast ratio".
double contrast(Color one, Color other);

// What the style sheet sets in one theme.
struct Accent {
  Color accent;     // of buttons and marks
  Color strong;     // the same under the pointer
  Color on_accent;  // text on both
  Color text;       // the colour as text: links, focus rings
  Color soft;       // behind marked parts
};
Accent light_accent(Color color);
Accent dark_accent(Color color);
std::string theme_css(Color color);

Task<web::Response> show_theme_css(Site& site, web::Request& request);

}  // namespace plenary::site
