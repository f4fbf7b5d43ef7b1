-- Sponsor levels. Sponsors, benefits and deals follow in steps of their own.

CREATE TABLE sponsor_level (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  cost BIGINT NOT NULL CHECK (cost >= 0),
  description TEXT NOT NULL DEFAULT '',
  benefits_summary TEXT NOT NULL DEFAULT '',
  comp_ticket_count INTEGER NOT NULL DEFAULT 0 CHECK (comp_ticket_count >= 0),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sponsor_level_slug_folded ON sponsor_level (conference_id, lower(slug));
