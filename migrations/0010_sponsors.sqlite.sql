-- Sponsors and what they were promised.

CREATE TABLE sponsor (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  level_id BIGINT NOT NULL REFERENCES sponsor_level (id),  -- a level with sponsors stays
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  external_id TEXT NOT NULL DEFAULT '',  -- of the system it comes from; empty: made here
  website_url TEXT NOT NULL DEFAULT '',
  logo_url TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  contact_name TEXT NOT NULL DEFAULT '',
  contact_email TEXT NOT NULL DEFAULT '',
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sponsor_slug_folded ON sponsor (conference_id, lower(slug));
CREATE UNIQUE INDEX sponsor_external ON sponsor (conference_id, external_id) WHERE external_id <> '';
CREATE INDEX sponsor_level_id ON sponsor (level_id);

CREATE TABLE sponsor_benefit (
  id INTEGER PRIMARY KEY,
  sponsor_id BIGINT NOT NULL REFERENCES sponsor (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  is_complete SMALLINT NOT NULL DEFAULT 0 CHECK (is_complete IN (0, 1)),
  notes TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX sponsor_benefit_sponsor ON sponsor_benefit (sponsor_id);
