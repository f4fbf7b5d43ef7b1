-- What buyers and attendees are asked beside the billing form, and what they answered. source: registration 20, D37.

CREATE TABLE question (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  target TEXT NOT NULL DEFAULT 'attendee' CHECK (target IN ('order', 'attendee')),
  kind TEXT NOT NULL DEFAULT 'text'
    CHECK (kind IN ('text', 'paragraph', 'number', 'choice', 'several', 'date', 'country', 'file', 'consent')),
  label TEXT NOT NULL,
  help TEXT NOT NULL DEFAULT '',
  is_required SMALLINT NOT NULL DEFAULT 0 CHECK (is_required IN (0, 1)),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  ask_at TEXT NOT NULL DEFAULT 'checkout' CHECK (ask_at IN ('checkout', 'later')),
  minimum TEXT NOT NULL DEFAULT '',          -- a number, a date, or characters; empty: none
  maximum TEXT NOT NULL DEFAULT '',
  ticket_scope TEXT NOT NULL DEFAULT 'all' CHECK (ticket_scope IN ('all', 'selected')),
  addon_scope TEXT NOT NULL DEFAULT 'all' CHECK (addon_scope IN ('all', 'selected')),
  depends_on_question_id BIGINT NULL REFERENCES question (id),
  depends_on_value TEXT NOT NULL DEFAULT '',
  text_version BIGINT NOT NULL DEFAULT 1,    -- of the label: a consent is given to one of them
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX question_slug_folded ON question (conference_id, lower(slug));
CREATE INDEX question_depends ON question (depends_on_question_id) WHERE depends_on_question_id IS NOT NULL;

CREATE TABLE question_option (
  id INTEGER PRIMARY KEY,
  question_id BIGINT NOT NULL REFERENCES question (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX question_option_slug_folded ON question_option (question_id, lower(slug));

-- Where a scope says "selected".
CREATE TABLE question_ticket_type (
  question_id BIGINT NOT NULL REFERENCES question (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id),
  PRIMARY KEY (question_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX question_ticket_type_product ON question_ticket_type (ticket_type_id);
CREATE TABLE question_addon (
  question_id BIGINT NOT NULL REFERENCES question (id) ON DELETE CASCADE,
  addon_id BIGINT NOT NULL REFERENCES addon (id),
  PRIMARY KEY (question_id, addon_id)
) WITHOUT ROWID;
CREATE INDEX question_addon_product ON question_addon (addon_id);

-- position 0: the order's own; 1 and up: of the ticket unit that becomes the seat of this position.
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  position BIGINT NOT NULL CHECK (position >= 0),
  question_id BIGINT NOT NULL REFERENCES question (id),
  value TEXT NOT NULL,                       -- slugs of options, a date, a number, a country, a file's id
  shown TEXT NOT NULL,                       -- the same as people read it, as it was
  question_text TEXT NOT NULL,               -- the label as it was asked
  text_version BIGINT NOT NULL DEFAULT 1,
  answered_at BIGINT NOT NULL,
  UNIQUE (order_id, position, question_id)
);
CREATE INDEX answer_question ON answer (question_id);

-- Files lie in the media folder, below private/answers, under stored_name. Until an order keeps one, its handle alone
-- names it.
CREATE TABLE answer_file (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  question_id BIGINT NOT NULL REFERENCES question (id),
  order_id BIGINT NULL REFERENCES orders (id) ON DELETE SET NULL,
  position BIGINT NOT NULL DEFAULT 0,        -- of the answer that keeps it
  handle TEXT NOT NULL,
  stored_name TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size BIGINT NOT NULL CHECK (size >= 0),
  uploaded_by TEXT NOT NULL DEFAULT '',      -- who limits count it for
  keep_until BIGINT NULL,                    -- null: an answer keeps it; else it goes then
  created_at BIGINT NOT NULL,
  UNIQUE (handle)
);
CREATE INDEX answer_file_order ON answer_file (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX answer_file_waiting ON answer_file (keep_until) WHERE keep_until IS NOT NULL;
CREATE INDEX answer_file_question ON answer_file (question_id);
CREATE INDEX answer_file_conference ON answer_file (conference_id);

-- Who changed answers after the order, and of which questions.
CREATE TABLE answer_event (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  actor TEXT NOT NULL,                       -- buyer, holder, system
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX answer_event_order ON answer_event (order_id);
