// Every operation of the description is called, right and wrong, by a test that is made from the description
// itself; every answer is held against its schema. source: OpenAPI 3.1; docs/api.md.
#include <fmt/format.h>

#include <map>
#include <set>

#include "api/calls.hpp"
#include "api/json_schema.hpp"
#include "base/text.hpp"

namespace plenary::api::testing {
namespace {

struct Described {
  std::string path, method, id, scope;
  const Json* operation = nullptr;
  bool needs_token = false, needs_cart = false;
  const Json* body_schema = nullptr;
  const Json* parameters = nullptr;
};

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

// A way to spoil a body, and the problem that it must be told as.
struct Spoiled {
  std::string what, body, pointer;
  std::set<std::string> codes;
};

class Contract : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    root_ = superuser("root");
    token_ = token_of(root_, all_scopes());
    program_.emplace(with(token_));
    description_ = program_->get("/openapi.json").body;
    for (const Json::Member& path : description_.find("paths")->members()) {
      for (const Json::Member& method : path.second.members()) {
        Described one;
        one.path = path.first;
        one.method = upper(method.first);
        one.operation = &method.second;
        one.id = method.second.find("operationId")->text();
        one.parameters = method.second.find("parameters");
        if (const Json* body = method.second.find("requestBody"))
          one.body_schema = body->find("content")->find("application/json")->find("schema");
        const std::vector<Json>& security = method.second.find("security")->items();
        for (const Json& way : security) {
          if (const Json* scopes = way.find("token"); scopes && !scopes->items().empty())
            one.scope = scopes->items().front().text();
          one.needs_cart = one.needs_cart || way.has("cart");
        }
        one.needs_token = security.size() == 1 && security.front().has("token");
        described_.push_back(std::move(one));
      }
    }
  }

  // ---- What the operations are called with: a world in which everything is there.
  struct World {
    std::map<std::string, std::string> path;  // by the names of its parameters
    std::string cart_secret, total;
    std::optional<Json> body = {};  // where the least that the schema asks for would change nothing
  };
  World world(const Described& one) {
    World made;
    made.path["slug"] = "fair";
    made.path["cart"] = made.path["item"] = "1";
    if (one.path.find("{voucher}") != std::string::npos)
      made.path["voucher"] = std::to_string(voucher("V" + std::to_string(++count_)));
    if (one.path.find("{condition}") != std::string::npos)
      made.path["condition"] = std::to_string(condition("C" + std::to_string(++count_)));
    slug_ = "free";
    if (one.id == "waiting_list.join") slug_ = sold_out_ticket();
    if (one.path.find("{entry}") != std::string::npos) {
      const std::string slug = sold_out_ticket();
      made.path["entry"] = std::to_string(waiting(slug, "waits" + std::to_string(++count_) + "@example.org"));
      if (one.id == "waiting_list.offer") more_of(slug);
    }
    if (one.path.find("{reference}") != std::string::npos) {
      made.path["reference"] = order("buyer" + std::to_string(++count_) + "@example.org");
      add_order_work(one, made);
    }
    if (one.path.find("{cart}") != std::string::npos) {
      Program buyer = stranger();
      const NewCart cart_made = cart(buyer, "free");
      made.path["cart"] = std::to_string(cart_made.id);
      made.path["item"] = std::to_string(cart_made.item);
      made.cart_secret = cart_made.secret;
      made.total = cart_made.total;
      if (one.id == "carts.voucher.delete") {
        voucher("V" + std::to_string(++count_));
        buyer.call("PUT", cart_made.path + "/voucher", R"({"code":"V)" + std::to_string(count_) + "\"}");
      }
      voucher("OPEN" + std::to_string(++count_));
      code_ = "OPEN" + std::to_string(count_);
    }
    return made;
  }
  // What changes and refunds name: the order is paid where they need that.
  void add_order_work(const Described& one, World& made) {
    const std::string& reference = made.path["reference"];
    if (one.id.starts_with("refunds.") || one.id == "orders.seats.mail") pay_by_hand(reference);
    const Told told = program_->get("/conferences/fair/orders/" + reference);
    const std::int64_t version = told.number("version");
    const std::int64_t line = told.at("lines").items().front().find("id")->integer();
    made.path["line"] = std::to_string(line);
    if (!told.at("seats").items().empty())
      made.path["seat"] = told.at("seats").items().front().find("id")->dump();
    if (one.id.starts_with("orders.changes."))
      made.body =
          Json::object({{"repriced", Json::list({Json::object({{"line", line}, {"unit_price", "1.00"}})})}});
    if (one.id == "orders.lines.cancel") {
      // A line that leaves others behind.
      Json added = Json::object({{"kind", "ticket_type"}, {"slug", "student"}, {"quantity", 1}});
      const Json more = Json::object({{"version", version}, {"added", Json::list({std::move(added)})}});
      const Told grown = program_->post("/conferences/fair/orders/" + reference + "/changes", more.dump());
      EXPECT_EQ(grown.status(), 200) << grown.response.body;
      made.body = Json::object({{"version", grown.at("order").find("version")->integer()}});
    }
    if (one.id == "orders.changes.create") made.body->set("version", version);
    if (one.id == "refunds.preview" || one.id == "refunds.create")
      made.body = Json::object({{"amount", "1.00"}});
    if (one.id == "refunds.create") made.body->set("version", version);
    if (one.id == "refunds.settle") {
      const Json body = Json::object({{"version", version}, {"amount", "1.00"}});
      const Told back = program_->post("/conferences/fair/orders/" + reference + "/refunds", body.dump());
      EXPECT_EQ(back.status(), 201) << back.response.body;
      made.path["refund"] = back.at("refunds").items().front().find("id")->dump();
    }
  }
  static std::string address(const Described& one, const World& world) {
    std::string path = one.path;
    for (const auto& [name, value] : world.path) {
      const std::string place = "{" + name + "}";
      if (const std::size_t at = path.find(place); at != std::string::npos)
        path.replace(at, place.size(), value);
    }
    return path;
  }

  // The least that a schema asks for.
  Json sample(const Json& written, const std::string& name, const World& world) {
    const Json& schema = resolved(description_, written);
    static const std::map<std::string, std::string> texts{
        {"email", "ada@example.org"}, {"name", "Ada Lovelace"}, {"country", "DE"}};
    if (name == "total") return world.total;
    if (name == "slug") return slug_;
    if (name == "code") return code_.empty() ? "NEW" + std::to_string(++count_) : code_;
    if (const Json* choices = schema.find("enum")) return choices->items().front();
    const Json* type = schema.find("type");
    const std::string kind = type->is_list() ? type->items().front().text() : type->text();
    if (kind == "object") {
      Json value = Json::object();
      if (const Json* needed = schema.find("required"))
        for (const Json& one : needed->items())
          value.set(one.text(), sample(*schema.find("properties")->find(one.text()), one.text(), world));
      return value;
    }
    if (kind == "array") {
      Json value = Json::list();
      if (schema.has("minItems")) value.push(sample(*schema.find("items"), "", world));
      return value;
    }
    if (kind == "integer") return std::max<std::int64_t>(schema.find("minimum")->integer(), 1);
    if (kind == "boolean") return true;
    if (const auto known = texts.find(name); known != texts.end()) return known->second;
    if (schema.has("pattern")) return "1.00";
    if (const Json* format = schema.find("format"))
      return format->text() == "date" ? "2027-05-14" : "2027-05-14T09:00:00Z";
    return "x";
  }

  // Everything that can be wrong with a body, one thing at a time.
  void spoil(const Json& written, const Json& value, const std::string& pointer,
             const std::function<Json(Json)>& whole, std::vector<Spoiled>& list, int depth = 0) {
    const Json& schema = resolved(description_, written);
    const Json* type = schema.find("type");
    const std::string kind = type->is_list() ? type->items().front().text() : type->text();
    const auto add = [&](const std::string& what, Json spoiled, const std::string& where,
                         std::set<std::string> codes) {
      list.push_back({what + " at " + where, whole(std::move(spoiled)).dump(), where, std::move(codes)});
    };
    Json wrong_type = kind == "object" ? Json("text") : Json::object({{"x", 1}});
    add("wrong type", std::move(wrong_type), pointer, {"type"});
    if (!type->is_list()) add("null", Json(), pointer, {"type"});
    if (kind == "integer") {
      const std::int64_t least = schema.find("minimum")->integer(), most = schema.find("maximum")->integer();
      if (least > INT64_MIN) add("too small", least - 1, pointer, {"range"});
      if (most < INT64_MAX) add("too large", most + 1, pointer, {"range"});
      add("a fraction", Json::number("1.5"), pointer, {"type"});
      add("beyond 64 bits", Json::number("99999999999999999999"), pointer, {"type"});
    }
    if (kind == "string") {
      if (schema.has("enum")) {
        add("no choice", "nothing of that kind", pointer, {"choice"});
      } else if (schema.has("pattern")) {
        for (const char* text : {"", "1,50", "1e3", "--1", "abc", "1.", "01"})
          add("no number", text, pointer, {"format"});
      } else if (schema.has("format") && !schema.has("maxLength")) {
        add("no moment", "yesterday", pointer, {"format"});
      } else {
        const auto longest = static_cast<std::size_t>(schema.find("maxLength")->integer());
        add("too long", std::string(longest + 1, 'x'), pointer, {"too_long"});
        if (schema.has("minLength")) add("empty", "", pointer, {"too_short"});
        add("control characters",
            std::string("a\x01"
                        "b"),
            pointer, {"format", "too_long"});
      }
    }
    if (kind == "array") {
      const auto most = static_cast<std::size_t>(schema.find("maxItems")->integer());
      if (most <= 1000) {
        Json many = Json::list();
        for (std::size_t i = 0; i <= most; ++i) many.push("x");
        add("too many", std::move(many), pointer, {"too_many"});
      }
      if (schema.has("minItems")) add("none", Json::list(), pointer, {"too_few"});
      Json item = value.is_list() && !value.items().empty() ? value.items().front()
                                                            : sample(*schema.find("items"), "", {});
      if (depth < 4)
        spoil(
            *schema.find("items"), item, pointer_to(pointer, std::size_t{0}),
            [whole](Json inner) { return whole(Json::list({std::move(inner)})); }, list, depth + 1);
    }
    if (kind == "object") {
      Json more = value;
      more.set("no_such_field", 1);
      add("unknown field", std::move(more), pointer_to(pointer, "no_such_field"), {"unknown_field"});
      list.back().pointer = pointer_to(pointer, "no_such_field");
      list.back().body = whole([&] {
                           Json v = value;
                           v.set("no_such_field", 1);
                           return v;
                         }())
                             .dump();
      if (const Json* needed = schema.find("required")) {
        for (const Json& one : needed->items()) {
          Json less = value;
          less.remove(one.text());
          list.push_back({"without " + one.text(),
                          whole(std::move(less)).dump(),
                          pointer_to(pointer, one.text()),
                          {"required"}});
        }
      }
      if (depth < 4) {
        for (const Json::Member& property : schema.find("properties")->members()) {
          const Json* present = value.find(property.first);
          const Json now = present ? *present : sample(property.second, property.first, {});
          spoil(
              property.second, now, pointer_to(pointer, property.first),
              [whole, value, name = property.first](Json inner) {
                Json changed = value;
                changed.set(name, std::move(inner));
                return whole(std::move(changed));
              },
              list, depth + 1);
        }
      }
    }
  }

  // ---- Judging an answer.
  void judge(const Described& one, const Told& told, const std::string& what) {
    const std::string where =
        one.id + ", " + what + ": " + std::to_string(told.status()) + " " + told.response.body.substr(0, 600);
    ASSERT_LT(told.status(), 500) << where;
    const Json& responses = *one.operation->find("responses");
    const Json* response = responses.find(std::to_string(told.status()));
    if (!response) response = responses.find("default");
    ASSERT_TRUE(response) << where;
    const Json* content = response->find("content");
    if (!content) {
      EXPECT_EQ(told.response.body, "") << where;
      return;
    }
    const Json::Member& kind = content->members().front();
    EXPECT_EQ(told.response.header("Content-Type"), kind.first) << where;
    for (const std::string& fault : schema_faults(description_, *kind.second.find("schema"), told.body))
      ADD_FAILURE() << where << "\n" << fault;
    if (told.status() >= 400) {
      EXPECT_EQ(told.number("status"), told.status()) << where;
    }
  }
  Told call(Program& program, const Described& one, const World& world, const std::string& body,
            const std::string& what, Fields headers = {}, const std::string& query = {}) {
    program.cart_secret = one.needs_cart ? world.cart_secret : std::string();
    if (!body.empty() && one.id == "orders.list") ADD_FAILURE();
    const Told told = program.call(one.method, address(one, world) + query, body, std::move(headers));
    judge(one, told, what);
    return told;
  }
  std::string good_body(const Described& one, const World& world) {
    if (!one.body_schema) return {};
    if (world.body) return world.body->dump();
    code_ = one.id == "carts.voucher.put" ? code_ : std::string();
    return sample(*one.body_schema, "", world).dump();
  }
  int good_status(const Described& one) {
    for (const Json::Member& response : one.operation->find("responses")->members())
      if (response.first.starts_with('2')) return std::stoi(response.first);
    return 0;
  }

  std::int64_t root_ = 0;
  std::string token_, code_, slug_ = "free";
  std::optional<Program> program_;
  Json description_;
  std::vector<Described> described_;
  int count_ = 0;
};
ON_BOTH_ENGINES(Contract);

TEST_P(Contract, EveryOperationAnswersWhatItsDescriptionSays) {
  EXPECT_GT(described_.size(), 25U);
  std::set<std::string> ids;
  for (const Described& one : described_) {
    EXPECT_TRUE(ids.insert(one.id).second) << one.id << " twice";
    const World there = world(one);
    const std::string body = good_body(one, there);
    const Told told = call(*program_, one, there, body, "as it should be");
    EXPECT_EQ(told.status(), good_status(one)) << one.id << " " << body << "\n" << told.response.body;
  }
}

TEST_P(Contract, EveryProblemOfABodyIsToldWhereItIs) {
  for (const Described& one : described_) {
    if (!one.body_schema) continue;
    const World there = world(one);
    const std::string body = good_body(one, there);
    std::vector<Spoiled> all;
    spoil(
        *one.body_schema, parsed(body), "", [](Json value) { return value; }, all);
    EXPECT_GT(all.size(), 5U) << one.id;
    for (const Spoiled& spoiled : all) {
      const Told told = call(*program_, one, there, spoiled.body, spoiled.what);
      EXPECT_EQ(told.status(), 422) << one.id << " " << spoiled.what << "\n"
                                    << spoiled.body << told.response.body;
      if (told.status() != 422) continue;
      bool found = false;
      for (const Json& fault : told.at("errors").items())
        found = found || (fault.find("pointer")->text() == spoiled.pointer &&
                          spoiled.codes.contains(fault.find("code")->text()));
      EXPECT_TRUE(found) << one.id << " " << spoiled.what << "\n"
                         << spoiled.body << "\n"
                         << told.response.body;
    }
    for (const char* text : {"{", "[1,", "nothing", "{\"a\":1,\"a\":2}", "\"\xff\"", "{}{}"}) {
      const Told told = call(*program_, one, there, text, "no JSON");
      EXPECT_EQ(told.status(), 400) << one.id << text;
    }
    EXPECT_EQ(call(*program_, one, there, std::string(60, '[') + std::string(60, ']'), "too deep").status(),
              400);
    EXPECT_EQ(call(*program_, one, there, "[]", "a list").status(), 422);
    EXPECT_EQ(call(*program_, one, there, body, "as a form",
                   {{"Content-Type", "application/x-www-form-urlencoded"}})
                  .status(),
              415);
    const Told large =
        call(*program_, one, there, "{\"x\":\"" + std::string(1'100'000, 'x') + "\"}", "too large");
    EXPECT_EQ(large.status(), 413);
    EXPECT_EQ(large.code(), "too_large");
    EXPECT_EQ(
        large.text("detail"),
        "This address takes at most 1 MB (1048576 bytes) at once. Send less at once, in several requests.");
    program_.emplace(with(token_));  // that connection was closed
  }
}

TEST_P(Contract, EveryParameterIsChecked) {
  for (const Described& one : described_) {
    if (one.id == "features.get") continue;  // it takes none and looks at none
    const World there = world(one);
    const std::string body = good_body(one, there);
    EXPECT_EQ(call(*program_, one, there, body, "unknown parameter", {}, "?no_such=1").status(), 422)
        << one.id;
    if (!one.parameters) continue;
    for (const Json& parameter : one.parameters->items()) {
      const std::string name = parameter.find("name")->text(), in = parameter.find("in")->text();
      const Json& schema = *parameter.find("schema");
      if (in == "query") {
        for (const std::string& value : {std::string("%00"), std::string("-"), std::string(300, 'x')}) {
          const bool free_text = schema.find("type")->is_text() && schema.find("type")->text() == "string" &&
                                 !schema.has("enum") && !schema.has("format") && !schema.has("pattern");
          if (free_text && value == "-" && name != "after") continue;
          const Told told = call(*program_, one, there, body, "parameter " + name + "=" + value, {},
                                 "?" + name + "=" + value);
          EXPECT_TRUE(told.status() == 422 || told.status() == 400)
              << one.id << " " << name << " " << value << told.response.body;
        }
        const Told twice = call(*program_, one, there, body, "twice", {}, "?" + name + "=1&" + name + "=1");
        EXPECT_EQ(twice.status(), 422) << one.id << " " << name;
      }
      if (in == "path" && name != "slug") {
        World elsewhere = there;
        for (const char* value : {"999999999", "0", "x", "%00", "-1"}) {
          elsewhere.path[name] = value;
          const Told told = call(*program_, one, elsewhere, body, "another " + name);
          EXPECT_TRUE(told.status() == 404 || told.status() == 400)
              << one.id << " " << name << " " << value << told.response.body;
        }
      }
      if (in == "header") {
        const Told told = call(*program_, one, there, body, "a short key", {{"Idempotency-Key", "short"}});
        EXPECT_EQ(told.status(), 422) << one.id;
        EXPECT_THAT(told.errors(), ::testing::Contains("#Idempotency-Key format"));
      }
    }
  }
}

TEST_P(Contract, NobodyGetsBeyondTheirTokenTheirRightsAndTheirConference) {
  const std::int64_t other = other_conference();
  const std::string elsewhere = token_of(root_, all_scopes(), other);
  const std::string nobody = token_of(person("nobody@example.org"), all_scopes());
  const std::string reader = token_of(member("Activity Organizer", conference_id()), all_scopes());
  const std::string neighbour = token_of(member("Conference Organizer", other), all_scopes());
  for (const Described& one : described_) {
    const World there = world(one);
    const std::string body = good_body(one, there);
    const auto status = [&](Program program, const std::string& what) {
      return call(program, one, there, body, what).status();
    };
    World unknown = there;
    unknown.path["slug"] = "no-such";
    if (one.path.find("{slug}") != std::string::npos) {
      EXPECT_EQ(call(*program_, one, unknown, body, "no such conference").status(), 404) << one.id;
    }
    if (one.id != "features.get") {
      EXPECT_EQ(status(with("plenary_AAAAAAAA_nothing"), "a made-up token"), 401) << one.id;
      EXPECT_EQ(status(with("x"), "no token of ours"), 401) << one.id;
    }
    if (one.needs_token) {
      const Told none = [&] {
        Program program = stranger();
        return call(program, one, there, body, "no token");
      }();
      EXPECT_EQ(none.status(), 401) << one.id;
      EXPECT_TRUE(none.response.header("WWW-Authenticate").starts_with("Bearer")) << one.id;
      std::vector<std::string> scopes = all_scopes();
      std::erase(scopes, one.scope);
      EXPECT_EQ(status(with(token_of(root_, scopes)), "all scopes but its own"), 403) << one.id;
      EXPECT_EQ(status(with(elsewhere), "a token of another conference"), 404) << one.id;
      EXPECT_EQ(status(with(nobody), "whose owner has no role"), 404) << one.id;
      EXPECT_EQ(status(with(neighbour), "whose owner has a role elsewhere"), 404) << one.id;
      EXPECT_EQ(status(with(reader), "whose owner has another right"), 403) << one.id;
    }
    if (one.needs_cart) {
      Program program = stranger();
      World without = there;
      without.cart_secret.clear();
      EXPECT_EQ(call(program, one, without, body, "no secret").status(), 401) << one.id;
      without.cart_secret = "made up";
      EXPECT_EQ(call(program, one, without, body, "a made-up secret").status(), 404) << one.id;
    }
    // Rows of another conference are not there.
    if (one.path.find("{slug}/") != std::string::npos && one.parameters && one.id != "features.get") {
      World foreign = there;
      foreign.path["slug"] = "other";
      for (const Json& parameter : one.parameters->items()) {
        if (parameter.find("in")->text() != "path" || parameter.find("name")->text() == "slug") continue;
        EXPECT_EQ(call(*program_, one, foreign, body, "a row of another conference").status(), 404) << one.id;
      }
    }
  }
}

TEST_P(Contract, WhatIsNotThereIsAProblemToo) {
  for (const auto& [method, path, status] : {std::tuple{"GET", "/nothing", 404},
                                             {"POST", "/conferences", 404},
                                             {"DELETE", "/conferences/fair/orders", 405},
                                             {"PUT", "/openapi.json", 405},
                                             {"PATCH", "/conferences/fair/carts", 405},
                                             {"GET", "/conferences/fair/orders/", 404},
                                             {"GET", "/conferences/fair/vouchers/x", 404}}) {
    const Told told = program_->call(method, path);
    EXPECT_EQ(told.status(), status) << method << path;
    EXPECT_EQ(told.response.header("Content-Type"), "application/problem+json") << method << path;
    EXPECT_TRUE(schema_faults(description_,
                              *description_.find("components")->find("schemas")->find("Problem"), told.body)
                    .empty())
        << told.response.body;
    EXPECT_NE(told.response.body.find("openapi.json"), std::string::npos)
        << "what to do: " << told.response.body;
    if (status == 405) {
      EXPECT_NE(told.response.header("Allow"), "") << path;
    }
  }
}

TEST_P(Contract, WhatIsToldOfLongNamesIsValidText) {
  const std::string name(99, 'x'), encoded = name + "%C3%A9";
  const std::tuple<const char*, std::string, std::string> table[] = {
      {"GET", "/conferences/" + encoded + "/features", ""},
      {"GET", "/conferences/" + encoded + "/catalogue", ""},
      {"GET", "/conferences/fair/catalogue?" + encoded + "=1", ""},
      {"POST", "/conferences/fair/quote", "{\"" + name + "é\":1}"}};
  for (const auto& [method, path, body] : table) {
    const Told told = program_->call(method, path, body);
    EXPECT_GE(told.status(), 400) << path;
    EXPECT_NE(told.response.body.find(name), std::string::npos) << told.response.body;
    EXPECT_TRUE(is_valid_utf8(told.response.body)) << told.response.body;
  }
}

TEST_P(Contract, OtherSitesMayCallWhatIsOpenAndNothingElse) {
  for (const Described& one : described_) {
    const World there = world(one);
    const Told told = program_->call("OPTIONS", address(one, there));
    if (one.id == "features.get") continue;
    const bool open = std::any_of(described_.begin(), described_.end(), [&](const Described& other) {
      return other.path == one.path && !other.needs_token;
    });
    EXPECT_EQ(told.response.header("Access-Control-Allow-Origin"), open ? "*" : "") << one.id;
    EXPECT_THAT(told.response.header("Access-Control-Allow-Headers"),
                ::testing::Not(::testing::HasSubstr("Authorization")));
    if (one.needs_token) {
      EXPECT_THAT(told.response.header("Access-Control-Allow-Methods"),
                  ::testing::Not(::testing::HasSubstr(one.method)));
    }
    EXPECT_EQ(told.response.header("Access-Control-Allow-Credentials"), "") << one.id;
    EXPECT_EQ(told.status(), 204) << one.id;
  }
}

}  // namespace
}  // namespace plenary::api::testing
