// The EU's service about VAT ids (VIES), over its REST interface: is this id valid, and whose is it? With the
// seller's own id it returns a number of the consultation, which proves to a tax office that it was asked.
// Blocking, for the slow pool; calls of several threads wait for each other. It throws nothing: whatever is
// not an answer, from a silent member state to a page of HTML, is "unavailable". source: taxes and invoices
// 25, 1; https://ec.europa.eu/taxation_customs/vies, "Technical information": checkVatNumber.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "domain/registration/vat_checks.hpp"
#include "net/http_client.hpp"

namespace plenary::invoicing {

inline constexpr const char* vies_url = "https://ec.europa.eu/taxation_customs/vies/rest-api";

struct ViesOptions {
  std::string url = vies_url;               // no slash at the end; another one: a stand-in for tests
  Duration timeout = Duration::seconds(8);  // somebody waits at the review step
  net::HttpOptions http = {};               // its time limits are set by the one above
};

class Vies final : public registration::VatService {
 public:
  explicit Vies(ViesOptions options = {});
  registration::VatCheck check(const std::string& vat_id, const std::string& requester_vat_id) override;
  // Why the last check of this thread's call was no answer, for the log: "MS_UNAVAILABLE"; empty: it was one.
  std::string last_problem() const;

 private:
  registration::VatCheck ask(const registration::EuVatId& id, const std::string& requester_vat_id);
  std::string url_;
  mutable std::mutex mutex_;
  net::HttpClient client_;
  std::string problem_;
};

}  // namespace plenary::invoicing
