// The request target: percent-decoding, the decoded path, the query. Anything that two readers could
// understand differently is refused: encoded slashes and NULs, dot segments, invalid UTF-8, half escapes.
// source: RFC 3986 2.1 and 3.3, RFC 9112 3.2, WHATWG URL 5.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary::web {

// Appends the decoded text. False for a "%" without two hex digits.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

// The decoded path of a raw one; `storage` is used only when something had to be decoded. On refusal nothing,
// and `reason` says why.
std::optional<std::string_view> decode_path(std::string_view raw, std::string& storage,
                                            std::string_view& reason);

// Characters that may stand in a target at all (visible ASCII without " < > # \ in the path).
bool is_target_text(std::string_view path, std::string_view query);

// host or host:port, as in the Host header: a name of letters, digits, dots, hyphens and underscores, an IPv4
// address, or an IPv6 address in brackets.
bool is_authority(std::string_view text);
std::string_view without_port(std::string_view authority);

}  // namespace plenary::web
