// The template filters that write dates and prices in the page's language; {% load formats %}.
//   {{ order.created_at|moment }}   14 May 2027, 12:00 CEST     {{ cart.expires_at|clock }}  12:00 CEST
//   {{ order.created_at|day }}      14 May 2027                 {{ conference|days }}        20–22 May 2027
//   {{ order.created_at|iso }}      for <time datetime="…">     {{ 12.5|money:"EUR" }}       €12.50
//   {{ 1234|figure }}               1,234
// Moments are in the page's zone. What is missing prints nothing. Any thread.
#pragma once

#include "templating/library.hpp"

namespace plenary::i18n {

templating::Library formats_library();

}  // namespace plenary::i18n
