// The chained record of changes: adding, verifying, tampering, erasing, several writers at once.
// source: docs/audit.md.
#include "domain/conference/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <random>
#include <thread>
#include <vector>

#include "domain/conference/audit_erase.hpp"
#include "domain/conference/audit_verify.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::conference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Actor ada{17, "ada", "admin", "192.0.2.7"};
const Actor command{std::nullopt, "operator", "command"};

AuditObject ticket(std::optional<std::int64_t> conference, const std::string& id = "4") {
  return {conference, "ticket_type", id, "Individual", 2};
}

AuditChange price(const char* old_text = "100.00", const char* new_text = "90.00") {
  return {"price", "Price", old_text, new_text, audit_value("10000"), audit_value("9000")};
}

PersonalColumn columns(std::string_view entity, std::string_view column) {
  if (column == "user_id") return PersonalColumn::owner;
  if (column == "created_by") return PersonalColumn::person;
  return entity == "orders" && column == "billing_name" ? PersonalColumn::personal : PersonalColumn::none;
}

class Audit : public test::DatabaseTest {
 protected:
  void add(const Actor& actor, const AuditObject& object, const std::vector<AuditChange>& changes,
           AuditAction action = AuditAction::change) {
    db().write_now(db::global_lane, "record",
                   [&](db::Tx& tx) { record(tx, actor, action, object, changes); });
  }
  AuditReport verified(const AuditQuestion& question = {}) {
    return db().read_now([&](db::Tx& tx) { return verify_audit(tx, question); });
  }
  // Everything that is wrong, a line each.
  std::string faults() {
    const AuditReport report = verified();
    std::string all;
    for (const ChainReport& chain : report.chains)
      if (!chain.fault.empty()) all += std::to_string(chain.chain) + ": " + chain.fault + "\n";
    for (const std::string& fault : report.faults) all += fault + "\n";
    return all;
  }
  std::vector<ChainHead> heads() { return db().read_now(audit_heads); }
  // A record of three chains, 12 entries.
  void fill() {
    for (int i = 0; i < 4; ++i) {
      for (std::optional<std::int64_t> conference : {std::optional<std::int64_t>(), {3}, {12}}) {
        add(i % 2 ? ada : command, ticket(conference, std::to_string(i)),
            {price(), {"name", "Name", "Alone", "Individual"}});
      }
    }
  }
  // As somebody with the database's password can.
  void drop_triggers() {
    db().write_now(db::global_lane, "tamper", [](db::Tx& tx) {
      if (tx.engine() == db::Engine::sqlite) {
        tx.exec("DROP TRIGGER audit_entry_kept");
        tx.exec("DROP TRIGGER audit_entry_stays");
        tx.exec("DROP TRIGGER audit_value_kept");
        tx.exec("DROP TRIGGER audit_value_stays");
        tx.exec("DROP TRIGGER audit_head_goes_on");
        tx.exec("DROP TRIGGER audit_head_stays");
      } else {
        tx.exec("ALTER TABLE audit_entry DISABLE TRIGGER USER");
        tx.exec("ALTER TABLE audit_value DISABLE TRIGGER USER");
        tx.exec("ALTER TABLE audit_head DISABLE TRIGGER USER");
      }
    });
  }
  template <class... In>
  void tamper(const char* sql, const In&... in) {
    db().write_now(db::global_lane, "tamper", [&](db::Tx& tx) { tx.exec(sql, in...); });
  }
  std::int64_t number(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
};
ON_BOTH_ENGINES(Audit);

TEST_P(Audit, AnEntryTellsWhoWhenWhereAndWhat) {
  add(ada, ticket(3), {price()});
  const auto entries = db().read_now([](db::Tx& tx) { return history_of(tx, "ticket_type", "4", 10); });
  ASSERT_EQ(entries.size(), 1U);
  const AuditEntry& entry = entries[0];
  EXPECT_EQ(entry.actor, "ada");
  EXPECT_EQ(entry.actor_id, 17);
  EXPECT_EQ(entry.address, "192.0.2.7");
  EXPECT_EQ(entry.object, "Individual");
  EXPECT_EQ(entry.chain, 3);
  EXPECT_EQ(entry.seq, 1);
  EXPECT_EQ(entry.created_at, clock().now());
  ASSERT_EQ(entry.told.size(), 1U);
  EXPECT_EQ(entry.told[0].field, "price");
  EXPECT_EQ(entry.told[0].label, "Price");
  EXPECT_EQ(entry.told[0].old_text, "100.00");
  EXPECT_EQ(entry.told[0].new_text, "90.00");
  EXPECT_EQ(read_audit_value(entry.told[0].old_value), std::optional<std::string>("10000"));
  EXPECT_EQ(entry.changes.find("100.00"), std::string::npos) << "texts stand beside";
}

TEST_P(Audit, TextsThatNoEngineCouldKeepAreMended) {
  add(ada, {std::nullopt, "x", "1", std::string("a\0b\xFF", 4), {}}, {{"f", "F", "\xC3", "ü"}});
  EXPECT_EQ(faults(), "");
  const auto entry = db().read_now([](db::Tx& tx) { return history_of(tx, "x", "1", 1).at(0); });
  EXPECT_EQ(entry.told[0].new_text, "ü");
}

TEST_P(Audit, EntriesOfATransactionThatIsUndoneAreNotThere) {
  EXPECT_THROW(db().write_now(db::global_lane, "record",
                              [](db::Tx& tx) {
                                record(tx, ada, AuditAction::change, ticket(3), {price()});
                                throw std::runtime_error("no");
                              }),
               std::runtime_error);
  EXPECT_THAT(heads(), IsEmpty());
  EXPECT_EQ(number("SELECT count(*) FROM audit_entry"), 0);
}

TEST_P(Audit, AnyInterleavingOfRecordsGivesSoundChains) {
  std::array<std::int64_t, 5> counts{};
  EXPECT_TRUE(rc::check([&] {
    const auto chains = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
    const auto texts = *rc::gen::arbitrary<std::string>();
    const bool fails = *rc::gen::arbitrary<bool>();
    try {
      db().write_now(db::global_lane, "record", [&](db::Tx& tx) {
        for (const int chain : chains) {
          AuditObject object = ticket(chain == 0 ? std::nullopt : std::optional<std::int64_t>(chain));
          object.name = texts;
          record(tx, chain % 2 ? ada : command, AuditAction::change, object,
                 {price(), {"a", texts, "", texts}});
        }
        if (fails) throw std::runtime_error("undone");
      });
      for (const int chain : chains) ++counts[static_cast<std::size_t>(chain)];
    } catch (const std::runtime_error&) {
    }
    RC_ASSERT(faults() == "");
    for (const ChainHead& head : heads()) RC_ASSERT(head.seq == counts[static_cast<std::size_t>(head.chain)]);
  }));
}

TEST_P(Audit, TheTriggersLetNothingBeChanged) {
  fill();
  for (const char* sql :
       {"UPDATE audit_entry SET source = 'x' WHERE id = 1", "DELETE FROM audit_entry WHERE id = 12",
        "UPDATE audit_value SET text = 'x' WHERE entry_id = 1", "DELETE FROM audit_value WHERE entry_id = 1",
        "UPDATE audit_value SET text = NULL WHERE entry_id = 1", "UPDATE audit_head SET seq = 1",
        "UPDATE audit_value SET entry_id = 99, salt = NULL, label = NULL, text = NULL, old_text = NULL, "
        "value = "
        "NULL, old_value = NULL WHERE entry_id = 1",
        "DELETE FROM audit_head"})
    EXPECT_THROW(tamper(sql), db::DatabaseError) << sql;
  EXPECT_EQ(faults(), "");
}

TEST_P(Audit, AnyByteChangedInAThousandPlacesIsFound) {
  fill();
  db().write_now(db::global_lane, "erase",
                 [&](db::Tx& tx) { erase_personal_values(tx, 17, command, columns); });
  ASSERT_EQ(faults(), "");
  drop_triggers();
  struct Place {
    const char *table, *column;
    bool is_number;
  };
  const std::array places{
      Place{"audit_entry", "id", true},
      Place{"audit_entry", "chain", true},
      Place{"audit_entry", "seq", true},
      Place{"audit_entry", "conference_id", true},
      Place{"audit_entry", "actor_id", true},
      Place{"audit_entry", "actor_digest", false},
      Place{"audit_entry", "address_digest", false},
      Place{"audit_entry", "source", false},
      Place{"audit_entry", "entity", false},
      Place{"audit_entry", "object_id", false},
      Place{"audit_entry", "object_digest", false},
      Place{"audit_entry", "object_version", true},
      Place{"audit_entry", "changes", false},
      Place{"audit_entry", "created_at", true},
      Place{"audit_entry", "previous_hash", false},
      Place{"audit_entry", "hash", false},
      Place{"audit_value", "entry_id", true},
      Place{"audit_value", "position", true},
      Place{"audit_value", "salt", false},
      Place{"audit_value", "label", false},
      Place{"audit_value", "text", false},
      Place{"audit_value", "old_text", false},
      Place{"audit_value", "value", false},
      Place{"audit_value", "old_value", false},
      Place{"audit_head", "chain", true},
      Place{"audit_head", "seq", true},
      Place{"audit_head", "hash", false},
  };
  std::minstd_rand random(20270514);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random()) % bound; };
  int found = 0, missed = 0;
  while (found + missed < 1000) {
    const Place& place = places[below(places.size())];
    const std::string table = place.table, column = place.column;
    const std::string type = place.is_number && GetParam() == db::Engine::postgresql ? "BIGINT" : "TEXT";
    // audit_value has no row number on SQLite: its key names the row.
    const std::string key =
        table == "audit_value"
            ? "CAST(entry_id AS TEXT) || ':' || CAST(position AS TEXT)"
            : "CAST(" + std::string(table == "audit_entry" ? "hash" : "hash") + " AS TEXT)";
    const auto rows = db().read_now([&](db::Tx& tx) {
      return tx.query<std::string, std::string>(db::intern_sql("SELECT " + key + ", CAST(" + column +
                                                               " AS TEXT) FROM " + table + " WHERE " +
                                                               column + " IS NOT NULL ORDER BY 1"));
    });
    if (rows.empty()) continue;
    const auto& [name, before] = rows[below(rows.size())];
    if (before.empty()) continue;
    std::string after = before;
    char& byte = after[below(after.size())];
    const char old = byte;
    const char set_of_digits[] = "0123456789";
    do {
      byte = place.is_number ? set_of_digits[below(10)] : static_cast<char>('!' + below(90));
    } while (byte == old);
    if (place.is_number && after.size() > 1 && after[0] == '0') continue;  // no other way to write a number
    const char* set = db::intern_sql("UPDATE " + table + " SET " + column + " = CAST($1 AS " + type +
                                     ") WHERE " + key + " = $2 AND CAST(" + column + " AS TEXT) = $3");
    bool changed = false;
    db().write_now(db::global_lane, "tamper",
                   [&](db::Tx& tx) { changed = tx.attempt([&] { tx.exec(set, after, name, before); }); });
    if (!changed) continue;  // it met a unique rule
    if (faults().empty()) {
      ++missed;
      ADD_FAILURE() << table << "." << column << ": " << before << " -> " << after << " was not found";
    } else {
      ++found;
    }
    // The key may be what was changed.
    const std::string changed_name = column == "hash"       ? after
                                     : column == "entry_id" ? after + name.substr(name.find(':'))
                                     : column == "position" ? name.substr(0, name.find(':') + 1) + after
                                                            : name;
    db().write_now(db::global_lane, "restore",
                   [&](db::Tx& tx) { ASSERT_EQ(tx.exec(set, before, changed_name, after), 1); });
  }
  EXPECT_EQ(missed, 0);
  EXPECT_EQ(faults(), "") << "everything was put back";
}

TEST_P(Audit, NumbersThatOnlyBeginLikeTheOnesWrittenAreFound) {
  if (GetParam() != db::Engine::sqlite) GTEST_SKIP() << "PostgreSQL keeps no text in a column of numbers";
  fill();
  drop_triggers();
  tamper("UPDATE audit_entry SET created_at = created_at || 'x' WHERE id = 5");
  EXPECT_THAT(faults(), HasSubstr("entry 5"));
}

TEST_P(Audit, AnEntryTakenOutIsFound) {
  fill();
  drop_triggers();
  tamper("DELETE FROM audit_value WHERE entry_id = 5");
  tamper("DELETE FROM audit_entry WHERE id = 5");
  EXPECT_THAT(faults(), HasSubstr("3: entry 8 (place 3 of its chain): place 2 was expected"));
}

TEST_P(Audit, SwappedEntriesAreFound) {
  fill();
  drop_triggers();
  tamper("UPDATE audit_entry SET seq = 100 WHERE id = 5");
  tamper("UPDATE audit_entry SET seq = 2 WHERE id = 8");
  tamper("UPDATE audit_entry SET seq = 3 WHERE id = 5");
  EXPECT_THAT(faults(), HasSubstr("3: entry 8 (place 2 of its chain): its previous_hash"));
}

TEST_P(Audit, ACutOffEndIsFoundByTheHeadAndWithALoweredHeadByTheOneKeptElsewhere) {
  fill();
  const std::string kept = heads().at(1).hash;
  EXPECT_EQ(verified({.chain = {}, .kept_head = kept, .progress = {}}).kept_seq, 4);
  drop_triggers();
  tamper("DELETE FROM audit_value WHERE entry_id = 11");
  tamper("DELETE FROM audit_entry WHERE id = 11");
  EXPECT_THAT(faults(), HasSubstr("the end is cut off"));
  tamper(
      "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE chain = 3 AND seq = 3) "
      "WHERE "
      "chain = 3");
  EXPECT_EQ(faults(), "") << "the chain alone cannot know";
  EXPECT_EQ(verified({.chain = {}, .kept_head = kept, .progress = {}}).kept_seq, std::nullopt);
}

TEST_P(Audit, AForgedEntryIsFoundAtTheEndAndBeforeTheChain) {
  fill();
  drop_triggers();
  tamper(
      "INSERT INTO audit_entry (id, chain, seq, conference_id, source, action, entity, object_id, "
      "created_at, "
      "previous_hash, hash) SELECT 99, 3, 5, 3, 'admin', 'change', 'orders', '1', 5, hash, 'f' FROM "
      "audit_entry "
      "WHERE chain = 3 AND seq = 4");
  EXPECT_THAT(faults(), HasSubstr("entry 99"));
  tamper("UPDATE audit_entry SET seq = NULL WHERE id = 99");
  EXPECT_THAT(faults(), HasSubstr("its previous_hash is not"));
}

TEST_P(Audit, AWholeChainThatIsGoneIsFound) {
  fill();
  drop_triggers();
  tamper("DELETE FROM audit_value WHERE entry_id IN (SELECT id FROM audit_entry WHERE chain = 3)");
  tamper("DELETE FROM audit_entry WHERE chain = 3");
  EXPECT_THAT(faults(), HasSubstr("3: the head says that the chain has 4 entries"));
}

TEST_P(Audit, AnErasedPersonIsGoneAndTheChainHolds) {
  add(ada, ticket(3), {price()});
  add(command, {std::nullopt, "user_account", "17", "ada", 1}, {{"email", "E-mail", "", "ada@example.org"}});
  add(command, {3, "orders", "9", "FAIR-9 (Ada Lovelace)", 1},
      {{"user_id", "User", "", "ada", {}, audit_value("17")},
       {"billing_name", "Name", "", "Ada Lovelace", {}, audit_value("Ada Lovelace")},
       {"status", "Status", "", "Paid"}},
      AuditAction::add);
  add(command, {3, "expense", "2", "Rooms", 1},
      {{"created_by", "Created by", "", "ada", {}, audit_value("17")}});
  const Erased erased = db().write_now(
      db::global_lane, "erase", [&](db::Tx& tx) { return erase_personal_values(tx, 17, command, columns); });
  EXPECT_EQ(erased.texts, 2 + 2 + 3 + 1);
  EXPECT_EQ(erased.entries, 4);
  EXPECT_EQ(faults(), "");
  EXPECT_EQ(
      number("SELECT count(*) FROM audit_value WHERE text LIKE '%da%' OR value LIKE '%da%' OR text LIKE "
             "'%192.0.2.7%'"),
      0);
  const auto order = db().read_now([](db::Tx& tx) { return history_of(tx, "orders", "9", 1).at(0); });
  EXPECT_TRUE(order.object_erased);
  EXPECT_TRUE(order.told.at(1).is_erased);
  EXPECT_EQ(order.told.at(2).new_text, "Paid");
  EXPECT_EQ(db().write_now(db::global_lane, "erase",
                           [&](db::Tx& tx) { return erase_personal_values(tx, 17, command, columns); })
                .texts,
            0);
  std::int64_t count = 0;
  for (const ChainReport& chain : verified().chains) count += chain.erased;
  EXPECT_EQ(count, erased.texts);
}

TEST_P(Audit, ATextThatIsGoneWithoutARecordOfItIsFound) {
  fill();
  tamper(
      "UPDATE audit_value SET salt = NULL, label = NULL, text = NULL, old_text = NULL, value = NULL, "
      "old_value "
      "= NULL WHERE entry_id = 5 AND position = 3");
  EXPECT_THAT(faults(), HasSubstr("3: entry 5: "));
  EXPECT_THAT(faults(), HasSubstr("no entry records that it was erased"));
}

TEST_P(Audit, ErasedTextsThatStandAgainAreFound) {
  fill();
  db().write_now(db::global_lane, "erase",
                 [&](db::Tx& tx) { erase_personal_values(tx, 17, command, columns); });
  drop_triggers();
  const auto place = db().read_now([](db::Tx& tx) {
    return tx.query<std::int64_t>("SELECT entry_id FROM audit_value WHERE text IS NULL ORDER BY 1").at(0);
  });
  tamper(
      "UPDATE audit_value SET salt = 's', label = '', text = 'eve', old_text = '' WHERE entry_id = $1 AND "
      "text "
      "IS NULL",
      place);
  EXPECT_THAT(faults(), HasSubstr("is not what was recorded"));
}

TEST_P(Audit, WritersOfManyLanesAndTwoProcessesKeepEveryChain) {
  const auto other = db::Database::open(database().options());
  std::atomic<int> failed = 0;
  const auto write = [&](db::Database& database, unsigned seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < 40; ++i) {
      std::vector<std::int64_t> chains;
      for (unsigned n = 1 + random() % 4; n > 0; --n) chains.push_back(random() % 4);
      try {
        database.write_now(random() % 2 ? db::global_lane : static_cast<db::Lane>(chains[0]), "record",
                           [&](db::Tx& tx) {
                             for (const std::int64_t chain : chains)
                               record(tx, ada, AuditAction::change,
                                      ticket(chain == 0 ? std::nullopt : std::optional(chain)), {price()});
                           });
      } catch (const db::DatabaseError&) {
        ++failed;
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 6; ++i) threads.emplace_back([&, i] { write(i % 2 ? *other : db(), 100 + i); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(faults(), "");
  std::int64_t seqs = 0;
  for (const ChainHead& head : heads()) seqs += head.seq;
  EXPECT_EQ(seqs, number("SELECT count(*) FROM audit_entry"));
  EXPECT_EQ(db().stats().retries + other->stats().retries, 0U) << "nobody waited for each other";
}

TEST_P(Audit, LongChainsAreReadInPieces) {
  db().write_now(db::global_lane, "record", [](db::Tx& tx) {
    for (int i = 0; i < 2500; ++i) record(tx, ada, AuditAction::change, ticket(3), {price()});
  });
  std::int64_t done = 0, total = 0;
  const AuditReport report =
      verified({.chain = 3, .kept_head = {}, .progress = [&](std::int64_t d, std::int64_t t) {
                  done = d;
                  total = t;
                }});
  EXPECT_TRUE(report.is_sound());
  EXPECT_EQ(report.chains.at(0).entries, 2500);
  EXPECT_EQ(done, 2500);
  EXPECT_EQ(total, 2500);
}

}  // namespace
}  // namespace plenary::conference
