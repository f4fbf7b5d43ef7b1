// The tags and filters that every template has, and the libraries of the language that it can {% load %}:
// static, i18n, l10n, tz, keep. Built once, never changed.
#pragma once

#include <map>
#include <string>

#include "templating/library.hpp"

namespace plenary::templating {

const Library& builtin_library();
const std::map<std::string, Library>& standard_libraries();

void add_flow_tags(Library& library);  // if, for, ifchanged, cycle, resetcycle, firstof, with, regroup
void add_cycle_tags(Library& library);
void add_text_tags(
    Library& library);  // autoescape, comment, filter, spaceless, verbatim, templatetag, now, …
void add_lorem_tag(Library& library);
void add_loader_tags(Library& library);  // block, extends, include
void add_url_tags(Library& library);     // url, csrf_token, querystring
void add_keep_tag(Library& library);     // keep
void add_static_tags(Library& library);  // static, get_static_prefix, get_media_prefix
void add_translation_tags(Library& library);
void add_localization_tags(Library& library);
void add_time_zone_tags(Library& library);
void add_string_filters(Library& library);
void add_stringformat_filter(Library& library);
void add_html_filters(Library& library);
void add_list_filters(Library& library);
void add_number_filters(Library& library);
void add_date_filters(Library& library);
void add_pprint_filter(Library& library);
void add_logic_filters(Library& library);

}  // namespace plenary::templating
