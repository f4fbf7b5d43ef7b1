// The client of VIES against stand-ins: every answer that its description names, and those that it does not.
#include "domain/invoicing/vies.hpp"

#include <gmock/gmock.h>

#include "support/vies_stand_in.hpp"

namespace plenary::invoicing {
namespace {

using registration::VatCheck;
using registration::VatStatus;
using ::testing::HasSubstr;
using ::testing::SizeIs;

ViesOptions options_of(const test::ViesStandIn& service) {
  ViesOptions options;
  options.url = service.url();
  return options;
}

TEST(ViesClient, TellsAValidIdWithItsOwnerAndTheNumberOfTheConsultation) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  const VatCheck check = vies.check("FR 40 303265045", "DE123456789");
  EXPECT_EQ(check.status, VatStatus::valid);
  EXPECT_EQ(check.vat_id, "FR40303265045");
  EXPECT_EQ(check.name, "EXEMPLE SARL");
  EXPECT_EQ(check.address, "1 RUE DE LA PAIX\n75002 PARIS");
  EXPECT_EQ(check.consultation_number, "WAPIAAAAYo2vZ7Tq");
  EXPECT_EQ(vies.last_problem(), "");
  const auto requests = service.requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/rest-api/check-vat-number");
  EXPECT_THAT(requests[0].headers.at("content-type"), HasSubstr("application/json"));
  EXPECT_THAT(requests[0].body, HasSubstr(R"("countryCode":"FR")"));
  EXPECT_THAT(requests[0].body, HasSubstr(R"("vatNumber":"40303265045")"));
  EXPECT_THAT(requests[0].body, HasSubstr(R"("requesterMemberStateCode":"DE")"));
  EXPECT_THAT(requests[0].body, HasSubstr(R"("requesterNumber":"123456789")"));
}

TEST(ViesClient, AsksWithoutARequesterWhenTheSellerHasNoId) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  const VatCheck check = vies.check("FR40303265045", "");
  EXPECT_EQ(check.status, VatStatus::valid);
  EXPECT_EQ(check.consultation_number, "");
  EXPECT_THAT(service.requests().front().body, ::testing::Not(HasSubstr("requester")));
}

TEST(ViesClient, TellsThatAnIdIsNotValid) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  const VatCheck check = vies.check("FR00000000000", "DE123456789");
  EXPECT_EQ(check.status, VatStatus::invalid);
  EXPECT_EQ(check.name, "") << "dashes mean that nothing is told";
}

TEST(ViesClient, NeverSendsWhatCannotBeAnId) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  for (const char* id : {"", "DE12", "US123456789", "FR'; DROP TABLE", "CHE123456789"})
    EXPECT_EQ(vies.check(id, "").status, VatStatus::unavailable) << id;
  EXPECT_THAT(service.requests(), SizeIs(0));
}

struct Trouble {
  const char* id;
  const char* problem;
};
class ViesTrouble : public ::testing::TestWithParam<Trouble> {};
INSTANTIATE_TEST_SUITE_P(
    All, ViesTrouble,
    ::testing::Values(Trouble{"DE000000001", "MS_UNAVAILABLE"}, Trouble{"DE000000002", "SERVICE_UNAVAILABLE"},
                      Trouble{"DE000000003", "MS_MAX_CONCURRENT_REQ"}, Trouble{"DE000000004", "TIMEOUT"},
                      Trouble{"DE000000005", "GLOBAL_MAX_CONCURRENT_REQ"},
                      Trouble{"DE000000006", "status 503"}, Trouble{"DE000000007", "no JSON object"},
                      Trouble{"DE000000008", "without \"valid\""}, Trouble{"DE000000009", "another id"},
                      Trouble{"DE000000010", "hung up"}, Trouble{"DE000000012", "MS_UNAVAILABLE"}));

TEST_P(ViesTrouble, IsNoAnswer) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  const VatCheck check = vies.check(GetParam().id, "DE123456789");
  EXPECT_EQ(check.status, VatStatus::unavailable);
  EXPECT_EQ(check.vat_id, GetParam().id);
  EXPECT_EQ(check.name, "");
  if (std::string_view(GetParam().problem) == "hung up") {
    EXPECT_NE(vies.last_problem(), "");
  } else {
    EXPECT_THAT(vies.last_problem(), HasSubstr(GetParam().problem));
  }
  EXPECT_THAT(service.requests(), SizeIs(1)) << "nothing is asked twice while somebody waits";
}

TEST(ViesClient, CallsAnInputThatTheServiceRefusesInvalid) {
  test::ViesStandIn service;
  Vies vies(options_of(service));
  EXPECT_EQ(vies.check("DE000000011", "").status, VatStatus::invalid);
}

TEST(ViesClient, GivesUpOnASilentService) {
  test::ViesStandIn service;
  ViesOptions options = options_of(service);
  options.timeout = Duration::milliseconds(150);
  Duration now = Duration::minutes(1);
  options.clock = [&] { return now = now + Duration::minutes(1); };
  Vies vies(options);
  EXPECT_EQ(vies.check("DE999999999", "").status, VatStatus::unavailable);
  EXPECT_NE(vies.last_problem(), "");
  // The next one is asked afresh; so short a limit may end any question where the machine is busy.
  VatStatus status = VatStatus::unavailable;
  for (int asked = 0; status == VatStatus::unavailable && asked < 100; ++asked)
    status = vies.check("FR40303265045", "").status;
  EXPECT_EQ(status, VatStatus::valid);
}

TEST(ViesClient, NobodyWaitsForAServiceThatWasSilentTwice) {
  test::ViesStandIn service;
  ViesOptions options = options_of(service);
  Duration now = Duration::minutes(1);
  options.clock = [&] { return now; };
  Vies vies(options);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(vies.check("DE000000010", "").status, VatStatus::unavailable);
  EXPECT_EQ(vies.check("FR40303265045", "").status, VatStatus::unavailable);
  EXPECT_THAT(vies.last_problem(), HasSubstr("a moment ago"));
  EXPECT_THAT(service.requests(), SizeIs(2)) << "it was not asked";
  now = now + options.rest;
  EXPECT_EQ(vies.check("FR40303265045", "").status, VatStatus::valid);
  EXPECT_EQ(vies.check("DE000000010", "").status, VatStatus::unavailable);
  EXPECT_EQ(vies.check("FR40303265045", "").status, VatStatus::valid) << "once is no silence";
}

TEST(ViesClient, AnAnswerThatAMemberStateIsDownIsNoSilence) {
  test::ViesStandIn service;
  ViesOptions options = options_of(service);
  options.clock = [] { return Duration::minutes(1); };
  Vies vies(options);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(vies.check("DE000000001", "").status, VatStatus::unavailable);
  EXPECT_EQ(vies.check("FR40303265045", "").status, VatStatus::valid);
}

TEST(ViesClient, GivesUpWhereNobodyListens) {
  ViesOptions options;
  {
    test::ViesStandIn gone;
    options.url = gone.url();
  }
  Vies vies(options);
  EXPECT_EQ(vies.check("FR40303265045", "").status, VatStatus::unavailable);
}

}  // namespace
}  // namespace plenary::invoicing
