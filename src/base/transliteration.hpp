// Texts in Latin letters without accents, for readers that know no others: banks' files. Plain functions, any
// thread. Never throws for a text. source: ICU, Any-Latin and Latin-ASCII.
#pragma once

#include <string>
#include <string_view>

namespace plenary {

// "Łódź" is "Lodz", "Пётр" is "Petr", "東京" is "dong jing". What has no such spelling is left out.
std::string in_ascii_letters(std::string_view text);

}  // namespace plenary
