-- What a conference file cannot say: an early-bird discount and one for speakers, a voucher that unlocks the student's
-- ticket; and the answer of the VAT service about one number, as if it had been asked. Run before the server starts.
INSERT INTO discount_condition (conference_id, kind, name, priority, discount_type, amount, ticket_scope, addon_scope, created_at, updated_at)
  SELECT id, 'time_limit', 'Early bird', 0, 'fixed_amount', 2000, 'selected', 'none', 0, 0 FROM conference;
INSERT INTO condition_ticket_type (condition_id, ticket_type_id)
  SELECT d.id, t.id FROM discount_condition d, ticket_type t WHERE d.name = 'Early bird' AND t.slug = 'individual';
INSERT INTO discount_condition (conference_id, kind, name, priority, discount_type, percent, ticket_scope, addon_scope, created_at, updated_at)
  SELECT id, 'speaker', 'Speakers', 1, 'percentage', '100', 'all', 'none', 0, 0 FROM conference;
INSERT INTO stock (conference_id, kind, product_id, capacity) SELECT conference_id, 'condition', id, NULL FROM discount_condition;
INSERT INTO voucher (conference_id, code, voucher_type, percent, max_uses, max_units, unlocks_hidden_tickets, created_at, updated_at)
  SELECT id, 'CAMPUS', 'percentage', '10', 50, NULL, 1, 0, 0 FROM conference;
INSERT INTO vat_check (conference_id, vat_id, status, name, consultation_number, checked_at)
  SELECT id, 'ATU12345675', 'valid', 'Analytical Engines GmbH', 'WAPI-1', CAST(strftime('%s', 'now') AS INTEGER) * 1000000
  FROM conference;
UPDATE conference SET catalogue_version = catalogue_version + 1;
