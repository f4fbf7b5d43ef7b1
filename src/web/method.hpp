// The request methods this server knows. TRACE and CONNECT are recognised only to be refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plenary::web {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };

// A set of methods: Methods::get | Methods::post.
class Methods {
 public:
  constexpr Methods() = default;
  constexpr Methods(Method method) : bits_(1u << static_cast<unsigned>(method)) {}  // NOLINT: implicit
  friend constexpr Methods operator|(Methods a, Methods b) { return Methods(a.bits_ | b.bits_); }
  friend constexpr bool operator==(Methods, Methods) = default;
  constexpr bool has(Method method) const { return bits_ & (1u << static_cast<unsigned>(method)); }
  constexpr bool overlaps(Methods other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  constexpr explicit Methods(unsigned bits) : bits_(bits) {}
  unsigned bits_ = 0;
};

constexpr Methods operator|(Method a, Method b) {
  return Methods(a) | Methods(b);
}

std::string_view to_string(Method method);
// Case-sensitive, as HTTP says.
std::optional<Method> method_from(std::string_view token);
// Changes nothing on the server: needs no CSRF token.
constexpr bool is_safe(Method method) {
  return method == Method::get || method == Method::head || method == Method::options;
}

}  // namespace plenary::web
