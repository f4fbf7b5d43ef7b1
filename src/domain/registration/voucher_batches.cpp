#include "domain/registration/voucher_batches.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "db/database.hpp"
#include "domain/registration/store_discounts.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

using nlohmann::json;

// What a voucher has of its own, and so none of the model.
bool is_copied(const db::Column& column) {
  return !column.is_key && !column.is_managed && !column.is_version && !column.is_created &&
         !column.is_updated && column.name != "conference_id" && column.name != "code";
}

std::string model_text(const VoucherModel& model) {
  json fields = json::object();
  for (const db::Column& column : voucher_table().columns()) {
    if (!is_copied(column)) continue;
    const auto text = column.text(&model.voucher);
    fields[std::string(column.name)] = text ? json(*text) : json(nullptr);
  }
  return json{{"fields", std::move(fields)},
              {"ticket_types", model.products.ticket_types},
              {"addons", model.products.addons}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<Id> ids_in(const json& list) {
  std::vector<Id> ids;
  if (!list.is_array()) return ids;
  for (const json& id : list) {
    if (id.is_number_integer()) ids.push_back(id.get<Id>());
  }
  return ids;
}

void record(db::Tx& tx, const conference::Actor& actor, conference::AuditAction action,
            const VoucherBatch& batch, std::vector<conference::AuditChange> changes) {
  conference::AuditObject object;
  object.conference_id = batch.conference_id;
  object.entity = "voucher_batch";
  object.id = std::to_string(batch.id);
  object.name = batch.prefix.empty() ? "#" + object.id : batch.prefix;
  conference::record(tx, actor, action, object, changes);
}

void enqueue(db::Tx& tx, const VoucherBatch& batch) {
  jobs::enqueue(tx, batch_kind, batch.conference_id, jobs::payload({{"batch", batch.id}}));
}

// The row, held until the end of the write: two servers never make the same piece.
std::optional<VoucherBatch> hold_row(db::Tx& tx, Id batch_id) {
  if (tx.exec("UPDATE voucher_batch SET updated_at = updated_at WHERE id = $1", batch_id) == 0)
    return std::nullopt;
  return find_batch(tx, batch_id);
}

VoucherBatch finish(db::Tx& tx, VoucherBatch batch, BatchStatus status, std::string problem = {}) {
  batch.status = status;
  batch.problem = std::move(problem);
  batch.finished_at = tx.now();
  return voucher_batch_table().update(tx, batch).value();
}

}  // namespace

const db::Entity<VoucherBatch>& voucher_batch_table() {
  using B = VoucherBatch;
  static const db::Entity<B> table(
      "voucher_batch",
      {
          db::column("id", &B::id).generated_key(),
          db::column("conference_id", &B::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("prefix", &B::prefix).max_length(92).help("How each of its codes begins."),
          db::column("wanted", &B::wanted).minimum(1).maximum(most_in_a_batch).help("How many vouchers."),
          db::column("made", &B::made).minimum(0).help("How many of them there are."),
          db::column("model", &B::model).format(db::TextFormat::json).help("What each of them is like."),
          db::column("status", &B::status).choices({"running", "done", "stopped"}),
          db::column("problem", &B::problem).help("Why it stopped by itself."),
          db::column("created_by", &B::created_by).references("user_account", db::OnDelete::set_null),
          db::column("finished_at", &B::finished_at),
          db::column("created_at", &B::created_at).created(),
          db::column("updated_at", &B::updated_at).updated(),
      },
      db::Rules<B>().titled("Voucher batch", "Voucher batches").ordered_by("id DESC"));
  return table;
}

VoucherModel model_of(const VoucherBatch& batch) {
  VoucherModel model;
  model.voucher.conference_id = batch.conference_id;
  const json stored = json::parse(batch.model, nullptr, false);
  if (!stored.is_object()) return model;
  const json fields = stored.value("fields", json::object());
  for (const db::Column& column : voucher_table().columns()) {
    const auto found = fields.find(std::string(column.name));
    if (!is_copied(column) || found == fields.end()) continue;
    column.set_text(&model.voucher, found->is_string() ? found->get<std::string>() : std::string());
  }
  model.products.ticket_types = ids_in(stored.value("ticket_types", json::array()));
  model.products.addons = ids_in(stored.value("addons", json::array()));
  return model;
}

VoucherBatch start_batch(db::Tx& tx, const VoucherModel& model, std::string_view prefix, std::int64_t count,
                         const conference::Actor& actor) {
  if (count < 1 || count > most_in_a_batch)
    throw Refused("range", "Make 1 to {most} vouchers at once; you asked for {count}.",
                  {{"most", std::to_string(most_in_a_batch)}, {"count", std::to_string(count)}}, "count");
  VoucherBatch batch;
  batch.conference_id = model.voucher.conference_id;
  batch.prefix = normal_code(prefix);
  batch.wanted = count;
  check_prefix(batch.prefix);
  if (batch.prefix.size() > longest_prefix)
    throw Refused("too_long", "Prefix: use at most {most} characters.",
                  {{"most", std::to_string(longest_prefix)}}, "prefix");
  Voucher like = model.voucher;
  like.code = "A";  // any: each gets one of its own
  db::refuse_first(voucher_table().validate(like));
  if (like.reserves)
    throw Refused("reserve", "Vouchers made in a batch keep nothing back; make one code with many uses.", {},
                  "reserves");
  check_model(tx, like, model.products);
  batch.model = model_text(model);
  batch.created_by = actor.user_id;
  batch = voucher_batch_table().insert(tx, batch);
  enqueue(tx, batch);
  record(tx, actor, conference::AuditAction::add, batch,
         {{"prefix", "Prefix", "", batch.prefix}, {"wanted", "Wanted", "", std::to_string(batch.wanted)}});
  return batch;
}

std::optional<VoucherBatch> find_batch(db::Tx& tx, Id batch_id) {
  return voucher_batch_table().find(tx, batch_id);
}

std::vector<VoucherBatch> batches_of(db::Tx& tx, Id conference_id, int limit) {
  return voucher_batch_table().select(tx, "WHERE conference_id = $1 ORDER BY id DESC LIMIT $2", conference_id,
                                      limit);
}

VoucherBatch make_piece(db::Tx& tx, Random& random, Id batch_id, std::int64_t before,
                        std::vector<std::string> codes) {
  std::optional<VoucherBatch> held = hold_row(tx, batch_id);
  if (!held) throw NotFound("the batch is gone");
  VoucherBatch batch = std::move(*held);
  if (batch.status != BatchStatus::running || batch.made != before) return batch;
  const auto left = static_cast<std::size_t>(batch.wanted - batch.made);
  if (codes.size() > left) codes.resize(left);
  const VoucherModel model = model_of(batch);
  try {
    if (!codes.empty()) {
      const auto made = static_cast<std::int64_t>(codes.size());
      create_vouchers(tx, random, model.voucher, model.products, std::move(codes), batch.id);
      batch.made += made;
    }
  } catch (const Refused& refused) {
    // Refused before anything was written. It will not become right by itself.
    return finish(tx, std::move(batch), BatchStatus::stopped, refused.message());
  }
  if (batch.made < batch.wanted) return voucher_batch_table().update(tx, batch).value();
  batch = finish(tx, std::move(batch), BatchStatus::done);
  record(tx, {batch.created_by, "", "job"}, conference::AuditAction::other, batch,
         {{"made", "Vouchers", "0", std::to_string(batch.made)}});
  return batch;
}

bool stop_batch(db::Tx& tx, Id batch_id, const conference::Actor& actor) {
  std::optional<VoucherBatch> batch = hold_row(tx, batch_id);
  if (!batch || batch->status != BatchStatus::running) return false;
  const VoucherBatch stopped = finish(tx, std::move(*batch), BatchStatus::stopped);
  record(tx, actor, conference::AuditAction::change, stopped,
         {{"status", "Status", "running", "stopped"}, {"made", "Made", "", std::to_string(stopped.made)}});
  return true;
}

bool resume_batch(db::Tx& tx, Id batch_id, const conference::Actor& actor) {
  std::optional<VoucherBatch> batch = hold_row(tx, batch_id);
  if (!batch || batch->status != BatchStatus::stopped) return false;
  batch->status = BatchStatus::running;
  batch->problem.clear();
  batch->finished_at.reset();
  const VoucherBatch running = voucher_batch_table().update(tx, *batch).value();
  enqueue(tx, running);
  record(tx, actor, conference::AuditAction::change, running, {{"status", "Status", "stopped", "running"}});
  return true;
}

void run_batch(db::Database& database, Random& random, Id batch_id, const std::function<bool()>& go_on) {
  auto look = [&](db::Tx& tx) { return find_batch(tx, batch_id); };
  std::optional<VoucherBatch> batch = database.read_now(look);
  while (batch && batch->status == BatchStatus::running) {
    if (!go_on()) throw std::runtime_error("the server stops; the batch goes on with the next start");
    const std::int64_t before = batch->made;
    const std::vector<std::string> codes = generate_codes(
        random, batch->prefix, std::clamp<std::int64_t>(batch->wanted - before, 1, batch_piece));
    auto make = [&](db::Tx& tx) { return make_piece(tx, random, batch_id, before, codes); };
    batch = database.write_now(batch->conference_id, "voucher batch", make);
  }
}

}  // namespace plenary::registration
