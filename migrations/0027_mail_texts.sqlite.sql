-- What organisers wrote instead of shipped mail texts, and as whom a conference writes.

CREATE TABLE mail_text (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  message TEXT NOT NULL,               -- "order_confirmation"
  language TEXT NOT NULL,              -- "en"
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  html TEXT NOT NULL DEFAULT '',       -- empty: made of the text
  problem TEXT NOT NULL DEFAULT '',    -- why the shipped text went out instead, when it last did
  problem_at BIGINT NULL,
  updated_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id, message, language)
);

CREATE TABLE mail_sender (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL DEFAULT '',       -- empty: the conference's
  email TEXT NOT NULL DEFAULT '',      -- empty: the server's
  reply_to TEXT NOT NULL DEFAULT '',   -- empty: as the settings say
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id)
);
