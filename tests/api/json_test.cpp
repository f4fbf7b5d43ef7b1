// Reading JSON strictly, and shapes. source: api/json.hpp, api/shape.hpp.
#include "api/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/openapi.hpp"
#include "api/operations.hpp"
#include "api/shape.hpp"
#include "api/token_rates.hpp"

namespace plenary::api {
namespace {

using ::testing::ElementsAre;

std::string again(const std::string& text) {
  Json value;
  JsonFault fault;
  return read_json(text, value, fault) ? value.dump() : "! " + fault.message;
}

TEST(ApiJson, IsWrittenAsItWasRead) {
  for (const char* text : {R"({"b":1,"a":[true,false,null,"x",-7,{}],"c":""})", "[]",
                           "\"\\u0001\\n\\\"\\\\\"", "0", "9223372036854775807", "-9223372036854775808"})
    EXPECT_EQ(again(text), text);
  EXPECT_EQ(again(" { \"a\" : [ 1 , 2 ] } "), R"({"a":[1,2]})");
  EXPECT_EQ(again("\"\\u00e9\\ud83d\\ude00\""), "\"é😀\"");
}

TEST(ApiJson, WhatTwoReadersCouldUnderstandDifferentlyIsRefused) {
  EXPECT_THAT(again(R"({"a":1,"b":{"c":1},"a":2})"), ::testing::HasSubstr("\"a\" comes twice"));
  EXPECT_THAT(again(std::string(17, '[') + std::string(17, ']')), ::testing::HasSubstr("nested deeper"));
  EXPECT_EQ(again(std::string(16, '[') + std::string(16, ']')), std::string(16, '[') + std::string(16, ']'));
  for (const char* text :
       {"", "{", "{}{}", "[1,]", "{'a':1}", "nul", "\"\xc3\"", "01", "1.", "NaN", "[1 2]", "// x\n1"})
    EXPECT_TRUE(again(text).starts_with("! ")) << text;
}

TEST(ApiJson, NumbersThatAreNoWholeOnesStayWhatTheyAre) {
  for (const char* text : {"1.0", "1e2", "9223372036854775808", "18446744073709551616"}) {
    Json value;
    JsonFault fault;
    ASSERT_TRUE(read_json(text, value, fault)) << text;
    EXPECT_EQ(value.kind(), Json::Kind::number) << text;
  }
}

TEST(ApiJson, PointersAreEscaped) {
  EXPECT_EQ(pointer_to(pointer_to("", "a/b~c"), std::size_t{3}), "/a~1b~0c/3");
}

TEST(ApiShape, TellsEveryProblem) {
  const Shape shape =
      Shape::object("", {required("name", Shape::text(3)), required("count", Shape::integer(1, 5)),
                         optional("price", Shape::money()),
                         optional("kinds", Shape::list(Shape::text().one_of({"a", "b"}), 2))});
  const auto faults = [&](const char* text) {
    Json value;
    JsonFault fault;
    EXPECT_TRUE(read_json(text, value, fault));
    Faults found;
    shape.check(value, "", found);
    std::vector<std::string> list;
    for (const Fault& one : found) list.push_back(one.pointer + " " + one.code);
    return list;
  };
  EXPECT_THAT(faults(R"({"name":"abc","count":5,"price":"0.50","kinds":["a","b"]})"), ElementsAre());
  EXPECT_THAT(
      faults(R"({"name":"abcd","count":6,"price":1,"kinds":["a","c"],"x":1})"),
      ElementsAre("/name too_long", "/count range", "/price type", "/kinds/1 choice", "/x unknown_field"));
  EXPECT_THAT(faults("{}"), ElementsAre("/name required", "/count required"));
  EXPECT_THAT(faults("[]"), ElementsAre(" type"));
  EXPECT_THAT(faults(R"({"name":"äöü","count":1,"price":"-1.00"})"), ElementsAre("/price format"));
}

TEST(ApiDescription, NamesEveryOperationOnceAndEachIsComplete) {
  for (const Operation& operation : operations()) {
    EXPECT_FALSE(operation.summary.empty()) << operation.id;
    EXPECT_TRUE(operation.answer || operation.status == 204) << operation.id;
    if (operation.access == Access::token) {
      EXPECT_FALSE(operation.scope.empty()) << operation.id;
      EXPECT_FALSE(operation.permissions.empty()) << operation.id;
      EXPECT_TRUE(operation.has_conference()) << operation.id;
    }
    EXPECT_EQ(operation.writes, !web::is_safe(operation.method)) << operation.id;
    if (!operation.scope.empty()) {
      bool known = false;
      for (const accounts::ApiScope& scope : accounts::api_scopes())
        known = known || scope.name == operation.scope;
      EXPECT_TRUE(known) << operation.scope;
    }
  }
  EXPECT_EQ(description().find("openapi")->text(), "3.1.0");
}

TEST(ApiRates, AreRefilledSteadily) {
  TokenRates rates({2, Duration::minutes(1)});
  const Instant start{1'000'000'000};
  EXPECT_EQ(rates.take(1, start), std::nullopt);
  EXPECT_EQ(rates.take(1, start), std::nullopt);
  EXPECT_EQ(rates.take(1, start), 30);
  EXPECT_EQ(rates.take(2, start), std::nullopt) << "each token by itself";
  EXPECT_EQ(rates.take(1, start + Duration::seconds(20)), 10);
  EXPECT_EQ(rates.take(1, start + Duration::seconds(30)), std::nullopt);
  EXPECT_EQ(rates.take(1, start + Duration::hours(1)), std::nullopt);
  EXPECT_EQ(rates.take(1, start + Duration::hours(1)), std::nullopt);
  EXPECT_NE(rates.take(1, start + Duration::hours(1)), std::nullopt);
}

}  // namespace
}  // namespace plenary::api
