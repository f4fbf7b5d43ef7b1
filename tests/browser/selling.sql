-- What the example conference lacks to sell with everything: a seller in Germany, taxes, an early-bird discount, sizes of
-- the T-shirt, an online ticket taxed where its buyer is, a voucher for the student's ticket; and the answer of the VAT
-- service about one number. Run before the server starts.
INSERT INTO seller (name, street, postcode, city, country, vat_id, invoice_prefix, credit_note_prefix, created_at, updated_at)
  VALUES ('Plenary Demo e.V.', 'Allee 1', '10115', 'Berlin', 'DE', 'DE136695976', 'PD-', 'PDC-', 0, 0);
UPDATE conference SET seller_id = (SELECT max(id) FROM seller), event_country = 'DE', catalogue_version = catalogue_version + 1;
INSERT INTO tax_rule (conference_id, name, slug, rate, includes_tax, place_of_supply, category, reverse_charge, reverse_charge_text, created_at, updated_at)
  SELECT id, 'VAT', 'standard', '19', 1, 'event', 'standard', 0, '', 0, 0 FROM conference UNION ALL
  SELECT id, 'VAT, online', 'online', '19', 1, 'customer', 'standard', 1, 'Reverse charge: the recipient owes the tax.', 0, 0 FROM conference UNION ALL
  SELECT id, 'VAT, reduced', 'reduced', '7', 0, 'event', 'reduced', 0, '', 0, 0 FROM conference;
INSERT INTO tax_rule_country (tax_rule_id, country, rate, created_at, updated_at)
  SELECT id, 'AT', '20', 0, 0 FROM tax_rule WHERE slug = 'online';
UPDATE ticket_type SET tax_rule_id = (SELECT id FROM tax_rule WHERE slug = 'standard');
UPDATE addon SET tax_rule_id = (SELECT id FROM tax_rule WHERE slug = 'reduced');
INSERT INTO ticket_type (conference_id, name, slug, description, price, limit_per_user, tax_rule_id, sort_order, created_at, updated_at)
  SELECT c.id, 'Online', 'online', 'All talks as they happen, and the recordings for a year.', 11900, 4, t.id, 5, 0, 0
  FROM conference c, tax_rule t WHERE t.slug = 'online';
INSERT INTO stock (conference_id, kind, product_id, capacity) SELECT conference_id, 'ticket_type', id, NULL FROM ticket_type WHERE slug = 'online';
INSERT INTO ticket_type (conference_id, name, slug, description, price, free_price, minimum_price, limit_per_user, sort_order, created_at, updated_at)
  SELECT id, 'Supporter', 'supporter', 'A place for you, and a part of one for somebody who cannot pay.', 15000, 1, 11000, 4, 6, 0, 0 FROM conference;
INSERT INTO stock (conference_id, kind, product_id, capacity) SELECT conference_id, 'ticket_type', id, NULL FROM ticket_type WHERE slug = 'supporter';
DELETE FROM stock WHERE kind = 'variation';
DELETE FROM variation;
INSERT INTO variation (conference_id, addon_id, name, slug, price, total_quantity, sort_order, created_at, updated_at)
  SELECT a.conference_id, a.id, v.name, v.slug, v.price, v.quantity, v.place, 0, 0 FROM addon a,
    (SELECT 'S' AS name, 's' AS slug, NULL AS price, 0 AS quantity, 0 AS place UNION ALL SELECT 'M', 'm', NULL, 12, 1
     UNION ALL SELECT 'L', 'l', NULL, 0, 2 UNION ALL SELECT '3XL', '3xl', 3000, 0, 3) v WHERE a.slug = 'pycon-t-shirt';
INSERT INTO stock (conference_id, kind, product_id, capacity)
  SELECT conference_id, 'variation', id, NULLIF(total_quantity, 0) FROM variation;
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
  SELECT id, 'ATU12345675', 'valid', 'Analytical Engines GmbH', 'WAPI-1', CAST(strftime('%s', 'now') AS INTEGER) * 1000000 FROM conference;
