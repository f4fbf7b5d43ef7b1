-- The record of changes as a chain: each entry holds the hash of the one before it (docs/audit.md).

-- No reference to other tables: what an entry tells of may be gone, the entry and its numbers stay. Texts
-- stand beside, in audit_value; here are their salted digests. Entries without `seq` were written before
-- there was a chain.
CREATE TABLE audit_entry_chained (
  id INTEGER PRIMARY KEY,
  chain BIGINT NOT NULL,            -- the conference's id; 0: no conference
  seq BIGINT NULL,                  -- 1, 2, … in the chain
  conference_id BIGINT NULL,
  actor_id BIGINT NULL,
  actor_digest TEXT NOT NULL DEFAULT '',
  address_digest TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL,             -- admin, manage, command, bootstrap, demo, …
  action TEXT NOT NULL CHECK (action IN ('add', 'change', 'delete', 'other', 'erase')),
  entity TEXT NOT NULL,             -- the table
  object_id TEXT NOT NULL,
  object_digest TEXT NOT NULL DEFAULT '',
  object_version BIGINT NULL,       -- the row's version after the change, where it has one
  changes TEXT NOT NULL DEFAULT '[]',  -- JSON: [{"field", "digest"}, …]
  undoes BIGINT NULL,               -- the entry that this one takes back
  created_at BIGINT NOT NULL,
  previous_hash TEXT NOT NULL DEFAULT '',
  hash TEXT NOT NULL DEFAULT ''
);
INSERT INTO audit_entry_chained (id, chain, conference_id, actor_id, source, action, entity, object_id,
                                 object_version, created_at)
  SELECT id, coalesce(conference_id, 0), conference_id, actor_id, source, action, entity, object_id,
         object_version, created_at
  FROM audit_entry;

-- The texts of entries. Position 0: the actor's name, 1: their address, 2: the object's name, 3 and up: the
-- changes in their order (of entries without `seq` the whole list as JSON). Erased: nothing but the position
-- is left.
CREATE TABLE audit_value (
  entry_id BIGINT NOT NULL,
  position INTEGER NOT NULL,
  salt TEXT NULL,
  label TEXT NULL,      -- of the field, for people
  text TEXT NULL,       -- what it says; of a change the new value
  old_text TEXT NULL,
  value TEXT NULL,      -- of a change the new value as JSON, where it was kept
  old_value TEXT NULL,
  PRIMARY KEY (entry_id, position)
) WITHOUT ROWID;
INSERT INTO audit_value (entry_id, position, label, text, old_text)
  SELECT id, 0, '', actor, '' FROM audit_entry WHERE actor <> '';
INSERT INTO audit_value (entry_id, position, label, text, old_text)
  SELECT id, 2, '', object, '' FROM audit_entry WHERE object <> '';
INSERT INTO audit_value (entry_id, position, label, text, old_text)
  SELECT id, 3, '', changes, '' FROM audit_entry WHERE changes <> '[]';

DROP TABLE audit_entry;
ALTER TABLE audit_entry_chained RENAME TO audit_entry;
CREATE UNIQUE INDEX audit_entry_chain ON audit_entry (chain, seq);
CREATE INDEX audit_entry_object ON audit_entry (entity, object_id, id);
CREATE INDEX audit_entry_conference ON audit_entry (conference_id, id);
CREATE INDEX audit_entry_created ON audit_entry (created_at);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id) WHERE actor_id IS NOT NULL;

-- Where each chain ends. Locked while an entry is added.
CREATE TABLE audit_head (
  chain INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

-- Entries are only added; a text can be erased, nothing else; a head only goes on.
CREATE TRIGGER audit_entry_kept BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the record of changes is only added to'); END;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the record of changes is only added to'); END;
CREATE TRIGGER audit_value_kept BEFORE UPDATE ON audit_value
WHEN NEW.entry_id <> OLD.entry_id OR NEW.position <> OLD.position
  OR coalesce(NEW.salt, NEW.label, NEW.text, NEW.old_text, NEW.value, NEW.old_value) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a text of the record of changes can be erased, not changed'); END;
CREATE TRIGGER audit_value_stays BEFORE DELETE ON audit_value
BEGIN SELECT RAISE(ABORT, 'a text of the record of changes can be erased, not deleted'); END;
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN NEW.chain <> OLD.chain OR NEW.seq <= OLD.seq
BEGIN SELECT RAISE(ABORT, 'the head of a chain only goes on'); END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the head of a chain is not deleted'); END;
