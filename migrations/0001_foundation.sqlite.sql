-- The foundation: conferences, sections, feature flags; the outbox and the schedule; one-use form tokens.
-- Types alike on both engines: ids and instants BIGINT (UTC microseconds), flags SMALLINT 0/1, money BIGINT in minor
-- units, dates TEXT 'YYYY-MM-DD', enumerations TEXT with CHECK, JSON TEXT. A step on main is never edited.

CREATE TABLE conference (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  start_date TEXT NOT NULL,
  end_date TEXT NOT NULL,
  timezone TEXT NOT NULL DEFAULT 'UTC',
  venue TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  website_url TEXT NOT NULL DEFAULT '',
  pretalx_event_slug TEXT NOT NULL DEFAULT '',
  -- encrypted: opaque tokens, null when not set
  stripe_secret_key TEXT NULL,
  stripe_publishable_key TEXT NULL,
  stripe_webhook_secret TEXT NULL,
  qbo_realm_id TEXT NOT NULL DEFAULT '',
  qbo_client_id TEXT NOT NULL DEFAULT '',
  qbo_access_token TEXT NULL,
  qbo_refresh_token TEXT NULL,
  qbo_client_secret TEXT NULL,
  qbo_token_expires_at BIGINT NULL,
  total_capacity INTEGER NOT NULL DEFAULT 0 CHECK (total_capacity >= 0),  -- 0 = unlimited
  currency TEXT NULL,                                                     -- null: the configured one
  revenue_budget BIGINT NULL CHECK (revenue_budget >= 0),
  grant_budget BIGINT NULL CHECK (grant_budget >= 0),
  target_attendance INTEGER NULL CHECK (target_attendance >= 0),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sales_open SMALLINT NOT NULL DEFAULT 1 CHECK (sales_open IN (0, 1)),
  require_account SMALLINT NOT NULL DEFAULT 0 CHECK (require_account IN (0, 1)),
  max_tickets_per_cart INTEGER NOT NULL DEFAULT 10 CHECK (max_tickets_per_cart >= 1),
  catalogue_version BIGINT NOT NULL DEFAULT 1,  -- grows with every change of what the catalogue snapshot holds
  last_commit_at BIGINT NOT NULL DEFAULT 0,     -- the lane's clock never goes back behind it
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (end_date >= start_date),
  UNIQUE (slug)
);
-- Slugs are unique regardless of case.
CREATE UNIQUE INDEX conference_slug_folded ON conference (lower(slug));

CREATE TABLE section (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  start_date TEXT NOT NULL,
  end_date TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (end_date >= start_date)
);
CREATE UNIQUE INDEX section_slug_folded ON section (conference_id, lower(slug));

-- At most one row a conference; null inherits the process's default.
CREATE TABLE feature_flags (
  conference_id INTEGER PRIMARY KEY REFERENCES conference (id) ON DELETE CASCADE,
  registration_enabled SMALLINT NULL CHECK (registration_enabled IN (0, 1)),
  sponsors_enabled SMALLINT NULL CHECK (sponsors_enabled IN (0, 1)),
  travel_grants_enabled SMALLINT NULL CHECK (travel_grants_enabled IN (0, 1)),
  programs_enabled SMALLINT NULL CHECK (programs_enabled IN (0, 1)),
  pretalx_sync_enabled SMALLINT NULL CHECK (pretalx_sync_enabled IN (0, 1)),
  visa_letters_enabled SMALLINT NULL CHECK (visa_letters_enabled IN (0, 1)),
  public_ui_enabled SMALLINT NULL CHECK (public_ui_enabled IN (0, 1)),
  manage_ui_enabled SMALLINT NULL CHECK (manage_ui_enabled IN (0, 1)),
  all_ui_enabled SMALLINT NULL CHECK (all_ui_enabled IN (0, 1)),
  updated_at BIGINT NOT NULL
);

-- What must happen after a commit, written in the same transaction. Kept when done (for a while) and when dead.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,
  dedup_key TEXT NULL,
  payload TEXT NOT NULL DEFAULT '{}',
  run_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  leased_until BIGINT NULL,
  lease_token TEXT NULL,
  last_error TEXT NULL,
  is_dead SMALLINT NOT NULL DEFAULT 0 CHECK (is_dead IN (0, 1)),
  created_at BIGINT NOT NULL,
  done_at BIGINT NULL
);
CREATE UNIQUE INDEX outbox_key ON outbox (kind, dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX outbox_due ON outbox (run_at) WHERE done_at IS NULL AND is_dead = 0;
CREATE INDEX outbox_dead ON outbox (id) WHERE is_dead = 1;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

-- Periodic jobs, shared by all processes on this database.
CREATE TABLE schedule (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  every_seconds INTEGER NOT NULL CHECK (every_seconds >= 1),
  next_run_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),  -- since the last success
  leased_until BIGINT NULL,
  lease_token TEXT NULL,
  last_error TEXT NULL,
  last_run_at BIGINT NULL,
  UNIQUE (name)
);

-- Forms that add, order or pay: the token is consumed in the same write, a repeat shows the first result.
CREATE TABLE one_use_token (
  token_hash TEXT NOT NULL PRIMARY KEY,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  result TEXT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX one_use_token_expiry ON one_use_token (expires_at);
