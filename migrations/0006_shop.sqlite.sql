-- What a conference says about itself beside its shop: texts and links, colours, consents.

-- Each is a text or the address of a page; empty: none. source: ground rules 15, 3.3.
ALTER TABLE conference ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN imprint TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN terms TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN privacy TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN code_of_conduct TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN refund_policy TEXT NOT NULL DEFAULT '';
ALTER TABLE conference ADD COLUMN withdrawal_note TEXT NOT NULL DEFAULT '';  -- source: registration 20, D36
ALTER TABLE conference ADD COLUMN accent_color TEXT NOT NULL DEFAULT '';     -- "#0b5cad"; empty: ours
ALTER TABLE conference ADD COLUMN logo_url TEXT NOT NULL DEFAULT '';         -- path below /static/, or empty
ALTER TABLE conference ADD COLUMN transfer_until BIGINT NULL;                -- null: until it begins

-- What a buyer is asked to agree to; a change of the text is a new version.
CREATE TABLE consent_text (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  text TEXT NOT NULL,
  is_required SMALLINT NOT NULL DEFAULT 0 CHECK (is_required IN (0, 1)),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  text_version INTEGER NOT NULL DEFAULT 1,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX consent_text_slug_folded ON consent_text (conference_id, lower(slug));

-- Given with an order: what was read, in which version, when. Never changed afterwards.
CREATE TABLE consent (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  text TEXT NOT NULL,
  text_version INTEGER NOT NULL,
  given_at BIGINT NOT NULL,
  UNIQUE (order_id, slug)
);
