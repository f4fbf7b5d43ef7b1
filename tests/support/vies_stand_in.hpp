// VIES on a loopback port: answers by the id that is asked about, as the EU's service does and as it fails.
// French ids are valid, those of zeros are not; German ones from DE000000001 on each meet one kind of
// trouble, DE999999999 is met by silence. Its answers have the members that the service's description names.
#pragma once

#include <string>
#include <vector>

#include "support/http_stand_in.hpp"

namespace plenary::test {

class ViesStandIn {
 public:
  ViesStandIn();
  std::string url() const { return server_.url() + "/rest-api"; }  // for ViesOptions and the settings
  std::vector<StandInRequest> requests() const { return server_.requests(); }

 private:
  HttpStandIn server_;
};

}  // namespace plenary::test
