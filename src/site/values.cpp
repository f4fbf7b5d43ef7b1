#include "site/values.hpp"

#include <utility>

#include "templating/fields.hpp"

namespace plenary::site {

using registration::Catalogue;
using templating::Field;
using templating::Value;

namespace {

Value text(const std::string& t) {
  return Value::borrowed(t);
}
Value moment(const std::optional<Instant>& at) {
  return at ? Value(*at) : Value();
}
Value reduced(const PriceTag& tag, const Catalogue& catalogue) {
  return tag.reduced ? amount_value(*tag.reduced, catalogue.currency) : Value();
}

class ConferenceObject : public templating::Object {
 public:
  ConferenceObject(const Visit& visit) : visit_(visit) {}
  const Visit& visit() const { return visit_; }

  Value get(std::string_view name) const override {
    const conference::Conference& c = visit_.catalogue->conference;
    if (name == "name") return text(c.name);
    if (name == "slug") return text(c.slug);
    if (name == "start_date") return c.start_date;
    if (name == "end_date") return c.end_date;
    if (name == "venue") return text(c.venue);
    if (name == "address") return text(c.address);
    if (name == "website_url") return text(c.website_url);
    if (name == "timezone") return text(c.timezone);
    if (name == "logo_url") return text(c.logo_url);
    if (name == "accent_color") return text(c.accent_color);
    if (name == "withdrawal_note") return text(c.withdrawal_note);
    if (name == "transfer_until") return moment(c.transfer_until);
    if (name == "currency") return Value::borrowed(visit_.catalogue->currency.code());
    if (name == "sells") return visit_.conference->sells();
    if (name == "is_active") return visit_.conference->is_active;
    if (name == "sales_open") return visit_.conference->sales_open;
    if (name == "total_capacity") return c.total_capacity;
    if (name == "pretalx_event_slug") return text(c.pretalx_event_slug);
    if (name == "sections") return sections();
    if (name == "id" || name == "pk") return c.id;
    return Value::undefined();
  }
  Value text_value() const { return text(visit_.catalogue->conference.name); }
  Value text() const override { return text_value(); }

 private:
  static Value text(const std::string& t) { return Value::borrowed(t); }
  Value sections() const;
  const Visit& visit_;
};

constexpr Field<conference::Section> section_fields[] = {
    {"name", [](const conference::Section& s) { return text(s.name); }},
    {"slug", [](const conference::Section& s) { return text(s.slug); }},
    {"start_date", [](const conference::Section& s) { return Value(s.start_date); }},
    {"end_date", [](const conference::Section& s) { return Value(s.end_date); }},
    {"order", [](const conference::Section& s) { return Value(s.order); }},
};

Value ConferenceObject::sections() const {
  return view_each(visit_.catalogue->sections, section_fields);
}

class FeaturesObject : public templating::Object {
 public:
  FeaturesObject(const Site& site, const Visit* visit) : site_(site), visit_(visit) {}
  Value get(std::string_view key) const override {
    for (const conference::Feature feature : conference::all_features()) {
      if (conference::feature_key(feature) != key) continue;
      if (visit_ && visit_->conference) {
        return conference::is_feature_enabled(feature, visit_->features, visit_->conference->flags);
      }
      return conference::is_feature_enabled(feature, site_.features);
    }
    return Value::undefined();
  }

 private:
  const Site& site_;
  const Visit* visit_;
};

constexpr Field<VariationCard> variation_fields[] = {
    {"id", [](const VariationCard& v) { return Value(v.variation->id); }},
    {"name", [](const VariationCard& v) { return text(v.variation->name); }},
    {"slug", [](const VariationCard& v) { return text(v.variation->slug); }},
    {"description", [](const VariationCard& v) { return text(v.variation->description); }},
    {"price", [](const VariationCard& v) { return amount_value(v.tag.price, v.catalogue->currency); }},
    {"reduced_price", [](const VariationCard& v) { return reduced(v.tag, *v.catalogue); }},
    {"current_price",
     [](const VariationCard& v) { return amount_value(v.tag.now(), v.catalogue->currency); }},
    {"remaining_quantity",
     [](const VariationCard& v) {
       // What all of them share is said once, with the product, until it is nearly gone.
       const bool is_its_own = v.variation->total_quantity > 0 || (v.remaining && *v.remaining < 20);
       return v.remaining && is_its_own ? Value(*v.remaining) : Value();
     }},
    {"is_available", [](const VariationCard& v) { return Value(v.is_available); }},
    {"is_first", [](const VariationCard& v) { return Value(v.is_first); }},
};

constexpr Field<Offer> offer_fields[] = {
    {"price", [](const Offer& o) { return amount_value(o.tag.price, o.catalogue->currency); }},
    {"reduced_price", [](const Offer& o) { return reduced(o.tag, *o.catalogue); }},
    {"current_price", [](const Offer& o) { return amount_value(o.tag.now(), o.catalogue->currency); }},
    {"has_several_prices", [](const Offer& o) { return Value(o.has_several_prices); }},
    {"discount_name", [](const Offer& o) { return text(o.discount_name); }},
    {"discount_units", [](const Offer& o) { return Value(o.discount_units); }},
    {"tax_note", [](const Offer& o) { return text(o.tax_note); }},
    {"free_price", [](const Offer& o) { return Value(o.free_price); }},
    {"minimum_price", [](const Offer& o) { return amount_value(o.minimum_price, o.catalogue->currency); }},
    {"proposed_price",
     [](const Offer& o) { return Value(Money(o.tag.price, o.catalogue->currency).amount()); }},
    {"first_quantity", [](const Offer& o) { return Value(o.first_quantity); }},
    {"limits",
     [](const Offer& o) {
       std::vector<Value> limits;
       for (const std::string& limit : o.limits) limits.push_back(text(limit));
       return Value::list(std::move(limits));
     }},
    {"variations", [](const Offer& o) { return view_each(o.variations, variation_fields); }},
};

using Ticket = TicketCard;
constexpr Field<Ticket> ticket_fields[] = {
    {"name", [](const Ticket& t) { return text(t.type->name); }},
    {"slug", [](const Ticket& t) { return text(t.type->slug); }},
    {"description", [](const Ticket& t) { return text(t.type->description); }},
    {"price", [](const Ticket& t) { return amount_value(t.type->price, t.catalogue->currency); }},
    {"is_available", [](const Ticket& t) { return Value(t.is_available()); }},
    {"availability", [](const Ticket& t) { return Value::borrowed(availability_name(t.availability)); }},
    {"remaining_quantity", [](const Ticket& t) { return t.remaining ? Value(*t.remaining) : Value(); }},
    {"max_quantity", [](const Ticket& t) { return Value(t.max_quantity); }},
    {"submission", [](const Ticket& t) { return text(t.submission); }},
    {"available_from", [](const Ticket& t) { return moment(t.type->available_from); }},
    {"available_until", [](const Ticket& t) { return moment(t.type->available_until); }},
    {"total_quantity", [](const Ticket& t) { return Value(t.type->total_quantity); }},
    {"limit_per_user", [](const Ticket& t) { return Value(t.type->limit_per_user); }},
    {"requires_voucher", [](const Ticket& t) { return Value(t.type->requires_voucher); }},
    {"has_waiting_list", [](const Ticket& t) { return Value(t.type->waiting_list); }},
    {"is_active", [](const Ticket& t) { return Value(t.type->is_active); }},
    {"bulk_enabled", [](const Ticket& t) { return Value(t.type->bulk_enabled); }},
    {"order", [](const Ticket& t) { return Value(t.type->order); }},
    {"created_at", [](const Ticket& t) { return Value(t.type->created_at); }},
    {"updated_at", [](const Ticket& t) { return Value(t.type->updated_at); }},
    {"offer", [](const Ticket& t) { return view(t.offer, offer_fields); }},
    {"id", [](const Ticket& t) { return Value(t.type->id); }},
    {"pk", [](const Ticket& t) { return Value(t.type->id); }},
};

constexpr Field<AddOnCard> addon_fields[] = {
    {"name", [](const AddOnCard& a) { return text(a.addon->name); }},
    {"slug", [](const AddOnCard& a) { return text(a.addon->slug); }},
    {"description", [](const AddOnCard& a) { return text(a.addon->description); }},
    {"price", [](const AddOnCard& a) { return amount_value(a.addon->price, a.catalogue->currency); }},
    {"is_available", [](const AddOnCard& a) { return Value(a.is_available()); }},
    {"has_ticket", [](const AddOnCard& a) { return Value(a.has_ticket); }},
    {"has_waiting_list", [](const AddOnCard& a) { return Value(a.addon->waiting_list); }},
    {"required_tickets",
     [](const AddOnCard& a) {
       std::vector<Value> names;
       for (const registration::Id id : a.addon->requires_ticket_types) {
         if (const auto* type = a.catalogue->ticket_type(id)) names.push_back(text(type->name));
       }
       return Value::list(std::move(names));
     }},
    {"availability", [](const AddOnCard& a) { return Value::borrowed(availability_name(a.availability)); }},
    {"remaining_quantity", [](const AddOnCard& a) { return a.remaining ? Value(*a.remaining) : Value(); }},
    {"max_quantity", [](const AddOnCard& a) { return Value(a.max_quantity); }},
    {"submission", [](const AddOnCard& a) { return text(a.submission); }},
    {"available_from", [](const AddOnCard& a) { return moment(a.addon->available_from); }},
    {"available_until", [](const AddOnCard& a) { return moment(a.addon->available_until); }},
    {"total_quantity", [](const AddOnCard& a) { return Value(a.addon->total_quantity); }},
    {"is_active", [](const AddOnCard& a) { return Value(a.addon->is_active); }},
    {"bulk_enabled", [](const AddOnCard& a) { return Value(a.addon->bulk_enabled); }},
    {"order", [](const AddOnCard& a) { return Value(a.addon->order); }},
    {"offer", [](const AddOnCard& a) { return view(a.offer, offer_fields); }},
    {"id", [](const AddOnCard& a) { return Value(a.addon->id); }},
    {"pk", [](const AddOnCard& a) { return Value(a.addon->id); }},
};

}  // namespace

Value amount_value(std::int64_t minor, Currency currency) {
  return Value(Money(minor, currency).amount());
}

Value conference_value(const Visit& visit) {
  return Value(templating::make<ConferenceObject>(visit));
}
Value features_value(const Site& site, const Visit* visit) {
  return Value(templating::make<FeaturesObject>(site, visit));
}
Value tickets_value(const std::vector<TicketCard>& cards) {
  return view_each(cards, ticket_fields);
}
Value addons_value(const std::vector<AddOnCard>& cards) {
  return view_each(cards, addon_fields);
}
Value ticket_value(TicketCard card) {
  return owned(std::move(card), ticket_fields);
}
Value addon_value(AddOnCard card) {
  return owned(std::move(card), addon_fields);
}

Value gone_value(std::span<const registration::Gone> gone) {
  std::vector<Value> lines;
  for (const registration::Gone& one : gone) {
    lines.push_back(Value::dict({{"name", Value(one.name)}, {"wanted", one.wanted}, {"kept", one.kept}}));
  }
  return Value::list(std::move(lines));
}

const Visit* visit_of(const Value& conference) {
  if (conference.kind() != Value::Kind::object) return nullptr;
  const auto* object = dynamic_cast<const ConferenceObject*>(&conference.object());
  return object ? &object->visit() : nullptr;
}

const Visit* visit_of(const templating::Context& context) {
  static const templating::Name name("conference");
  const Value* value = context.find(name);
  return value ? visit_of(*value) : nullptr;
}

const Catalogue* catalogue_of(const templating::Context& context) {
  const Visit* visit = visit_of(context);
  return visit ? visit->catalogue.get() : nullptr;
}

const TicketCard* ticket_card(const Value& value) {
  if (value.kind() != Value::Kind::object) return nullptr;
  if (const auto* view = dynamic_cast<const templating::View<TicketCard>*>(&value.object()))
    return &view->item();
  if (const auto* owned = dynamic_cast<const templating::OwnedView<TicketCard>*>(&value.object()))
    return &owned->item();
  return nullptr;
}

}  // namespace plenary::site
