// A PostgreSQL database that one test after another takes. Between two tests `renew` puts back what was in it
// at first: added rows are deleted, changed ones of the first restored, sequences begin again. It refuses
// where that is not enough: the schema is another one, somebody is still connected, or so much was deleted
// that a copy is faster. Of the thread that makes databases; a lost server is no error here but a database
// that is not taken again.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace plenary::test {

class ReusedDatabase {
 public:
  // What every copy of one prepared database contains at first. Shared by the copies.
  struct Contents {
    std::string schema;               // a mark that any change of the schema changes
    std::vector<std::string> tables;  // every one, quoted
    std::vector<std::pair<std::string, std::string>>
        rows;  // of tables that are not empty, as COPY writes them
    std::string ask_used, ask_rows, rows_mark, set_sequences;
  };

  // Connects. Null when the server does not answer.
  static std::unique_ptr<ReusedDatabase> connect(std::string name, const std::string& url);

  const std::string& name() const { return name_; }
  // Read once, from a copy that no test has had.
  Contents contents();
  bool renew(const Contents& first);

 private:
  using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
  using Rows = std::vector<std::vector<std::string>>;

  ReusedDatabase(std::string name, Connection connection)
      : name_(std::move(name)), connection_(std::move(connection)) {}
  Rows query(const std::string& sql);
  std::string text(const std::string& sql);
  std::int64_t run(const std::string& sql);
  std::string copy_out(const std::string& table);
  void copy_in(const std::string& table, const std::string& rows);
  bool everybody_left();
  bool put_back(const Contents& first);

  std::string name_;
  Connection connection_;
  int uses_ = 0;
};

}  // namespace plenary::test
