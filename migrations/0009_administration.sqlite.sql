-- What administration needs: the record of changes, groups of people, money planned and spent.

-- Who changed what, when and from where. Rows are only added. `changes` is a JSON list of
-- {"field", "label", "old", "new"}, secrets masked. The object may be gone; its row here stays.
CREATE TABLE audit_entry (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE SET NULL,
  actor_id BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  actor TEXT NOT NULL DEFAULT '',   -- how to call them: a user name, "command", "system"
  source TEXT NOT NULL,             -- admin, command, bootstrap, demo, …
  action TEXT NOT NULL CHECK (action IN ('add', 'change', 'delete', 'other')),
  entity TEXT NOT NULL,             -- the table
  object_id TEXT NOT NULL,
  object TEXT NOT NULL DEFAULT '',  -- what it was called then
  object_version BIGINT NULL,       -- the row's version after the change, where it has one
  changes TEXT NOT NULL DEFAULT '[]',
  created_at BIGINT NOT NULL
);
CREATE INDEX audit_entry_object ON audit_entry (entity, object_id, id);
CREATE INDEX audit_entry_conference ON audit_entry (conference_id, id);
CREATE INDEX audit_entry_created ON audit_entry (created_at);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id) WHERE actor_id IS NOT NULL;

ALTER TABLE feature_flags ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Groups of people: what group discounts and, later, rights go by.
CREATE TABLE user_group (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_group_name_folded ON user_group (lower(name));
CREATE TABLE user_group_member (
  group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;
CREATE INDEX user_group_member_user ON user_group_member (user_id);

-- Budget and expenses. A category with expenses stays.
CREATE TABLE expense_category (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  budget_amount BIGINT NULL CHECK (budget_amount >= 0),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX expense_category_slug_folded ON expense_category (conference_id, lower(slug));
CREATE TABLE expense (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  category_id BIGINT NOT NULL REFERENCES expense_category (id),
  description TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  date TEXT NOT NULL,
  vendor TEXT NOT NULL DEFAULT '',
  receipt_reference TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '',
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX expense_conference ON expense (conference_id, date);
CREATE INDEX expense_category_id ON expense (category_id);

-- At most one row a conference; null: the usual value. Rates are percents with up to two decimals.
CREATE TABLE kpi_target (
  conference_id INTEGER PRIMARY KEY REFERENCES conference (id) ON DELETE CASCADE,
  target_conversion_rate TEXT NULL,
  target_refund_rate TEXT NULL,
  target_checkin_rate TEXT NULL,
  target_fulfillment_rate TEXT NULL,
  target_room_utilization TEXT NULL,
  target_revenue_per_attendee BIGINT NULL CHECK (target_revenue_per_attendee >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  updated_at BIGINT NOT NULL
);
