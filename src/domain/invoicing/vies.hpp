// The EU's service about VAT ids (VIES), over its REST interface: is this id valid, and whose is it? With the
// seller's own id it returns a number of the consultation, which proves to a tax office that it was asked.
// Blocking, with threads of its own. It throws nothing: whatever is not an answer, from a silent member state
// to a page of HTML, is "unavailable". After two silences in a row nobody is asked for a while: buyers do not
// wait one after another for a service that is down. source: taxes and invoices 25, 1;
// https://ec.europa.eu/taxation_customs/vies, "Technical information": checkVatNumber.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/pool.hpp"
#include "base/time.hpp"
#include "domain/registration/vat_checks.hpp"
#include "net/http_client.hpp"

namespace plenary::invoicing {

inline constexpr const char* vies_url = "https://ec.europa.eu/taxation_customs/vies/rest-api";

struct ViesOptions {
  std::string url = vies_url;               // no slash at the end; another one: a stand-in for tests
  Duration timeout = Duration::seconds(8);  // somebody waits at the review step
  net::HttpOptions http = {};               // its time limits are set by the one above
  Duration rest = Duration::seconds(30);    // after two silences in a row
  std::function<Duration()> clock = {};     // steady; empty: the system's
  std::size_t threads = 2, queue = 16;      // who finds no place there is answered as by silence
};

class Vies final : public registration::VatService {
 public:
  explicit Vies(ViesOptions options = {});
  registration::VatCheck check(const std::string& vat_id, const std::string& requester_vat_id) override;
  Pool* pool() override { return &pool_; }
  // Why the check that ended last was no answer, for the log: "MS_UNAVAILABLE"; empty: it was one.
  std::string last_problem() const;

 private:
  struct Told {
    registration::VatCheck check;
    std::string problem = {};
  };
  Told ask(const registration::EuVatId& id, const std::string& requester_vat_id) const;
  Duration now() const;
  bool is_resting() const;
  void note(bool was_silent, std::string problem);

  const std::string url_;
  const net::HttpOptions http_;
  const Duration rest_;
  const std::function<Duration()> clock_;
  mutable std::mutex mutex_;
  std::string problem_;
  int silences_ = 0;  // in a row
  Duration resting_until_;
  Pool pool_;  // the last one: its threads end first
};

}  // namespace plenary::invoicing
