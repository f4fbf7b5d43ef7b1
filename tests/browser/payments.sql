-- Ways to pay of the demo conference: cards, and bank transfer with an account.
INSERT INTO payment_setup (conference_id, offers_transfer, account_holder, iban, bic, bank_name, created_at, updated_at)
SELECT id, 1, 'Plenary Demo e.V.', 'DE89370400440532013000', 'COBADEFFXXX', 'Commerzbank', created_at, created_at
FROM conference WHERE slug = 'plenary-demo';
