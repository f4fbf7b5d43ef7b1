// Writing the quotas, discounts and questions of a conference file, once every product has its id. source:
// configuration 10, 6.5.
#include <map>

#include "base/slug.hpp"
#include "domain/bootstrap_plan.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::domain {
namespace {

using registration::Id;
using Ids = std::map<std::string, Id>;  // by slug_key

class RulesWriter {
 public:
  RulesWriter(db::Tx& tx, BootstrapPlan& plan, const std::function<void()>& step)
      : tx_(tx), plan_(plan), step_(step), conference_id_(plan.conference.row.id) {}

  void run() {
    if (plan_.quotas.empty() && plan_.discounts.empty() && plan_.questions.empty()) return;
    find_products();
    for (PlannedQuota& planned : plan_.quotas) quota(planned);
    for (PlannedDiscount& planned : plan_.discounts) discount(planned);
    questions();
    for (PlannedChoice& planned : plan_.choices) choice(planned);
  }

 private:
  void find_products() {
    std::map<Id, std::string> tickets, addons;
    for (const auto& one : registration::ticket_types_of(tx_, conference_id_)) {
      tickets_[slug_key(one.slug)] = one.id;
      tickets[one.id] = one.slug;
    }
    for (const auto& one : registration::addons_of(tx_, conference_id_)) {
      addons_[slug_key(one.slug)] = one.id;
      addons[one.id] = one.slug;
    }
    for (const auto& one : registration::variations_of(tx_, conference_id_)) {
      const std::string& product =
          one.ticket_type_id ? tickets.at(*one.ticket_type_id) : addons.at(one.addon_id.value());
      variations_.emplace(slug_key(product + "/" + one.slug), one.id);
    }
  }

  static void set(std::vector<Id>& ids, const ProductNames& names, const Ids& known) {
    if (!names) return;
    ids.clear();
    for (const std::string& name : *names) ids.push_back(known.at(slug_key(name)));
  }

  void quota(PlannedQuota& planned) {
    planned.row.conference_id = conference_id_;
    set(planned.row.ticket_types, planned.tickets, tickets_);
    set(planned.row.addons, planned.addons, addons_);
    set(planned.row.variations, planned.variations, variations_);
    if (planned.write) planned.row.id = registration::save(tx_, planned.row);
    step_();
  }

  void discount(PlannedDiscount& planned) {
    planned.row.conference_id = conference_id_;
    set(planned.links.products.ticket_types, planned.tickets, tickets_);
    set(planned.links.products.addons, planned.addons, addons_);
    set(planned.links.enabling_ticket_types, planned.enabling_tickets, tickets_);
    if (planned.write) planned.row.id = registration::save_condition(tx_, planned.row, planned.links);
    step_();
  }

  // What a question waits for is written before it; the plan has no circles.
  void questions() {
    for (const auto& one : registration::question_setups(tx_, conference_id_))
      question_ids_[slug_key(one.question.slug)] = one.question.id;
    std::map<std::string, PlannedQuestion*> waiting;
    for (PlannedQuestion& planned : plan_.questions) waiting[slug_key(planned.row.slug)] = &planned;
    for (PlannedQuestion& planned : plan_.questions) question(planned, waiting);
  }

  void question(PlannedQuestion& planned, std::map<std::string, PlannedQuestion*>& waiting) {
    if (waiting.erase(slug_key(planned.row.slug)) == 0) return;
    planned.row.conference_id = conference_id_;
    if (planned.parent && !planned.parent->empty()) {
      const std::string key = slug_key(*planned.parent);
      if (const auto first = waiting.find(key); first != waiting.end()) question(*first->second, waiting);
      planned.row.depends_on_question_id = question_ids_.at(key);
    }
    if (planned.write) {
      planned.row.id = registration::save(tx_, planned.row);
      question_ids_[slug_key(planned.row.slug)] = planned.row.id;
      set(planned.stored_tickets, planned.tickets, tickets_);
      set(planned.stored_addons, planned.addons, addons_);
      if (planned.tickets || planned.addons)
        registration::set_products_of_question(tx_, planned.row, planned.stored_tickets,
                                               planned.stored_addons);
    }
    step_();
  }

  void choice(PlannedChoice& planned) {
    planned.row.question_id = question_ids_.at(slug_key(planned.question_slug));
    if (planned.write) planned.row.id = registration::save(tx_, planned.row);
    step_();
  }

  db::Tx& tx_;
  BootstrapPlan& plan_;
  const std::function<void()>& step_;
  Id conference_id_;
  Ids tickets_, addons_, variations_, question_ids_;
};

}  // namespace

void write_rules(db::Tx& tx, BootstrapPlan& plan, const std::function<void()>& step) {
  RulesWriter(tx, plan, step).run();
}

}  // namespace plenary::domain
