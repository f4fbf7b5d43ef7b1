-- Who may do what: rights of groups, roles of people, invitations.

-- A group gives its members these rights: "program_conference.view_registration".
CREATE TABLE user_group_permission (
  group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  permission TEXT NOT NULL,
  PRIMARY KEY (group_id, permission)
) WITHOUT ROWID;

-- Who belongs to a group: in one conference, or everywhere. A role that has ended gives nothing.
CREATE TABLE role_assignment (
  id INTEGER PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,  -- null: everywhere
  ends_at BIGINT NULL,
  granted_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX role_assignment_conference ON role_assignment (user_id, group_id, conference_id)
  WHERE conference_id IS NOT NULL;
CREATE UNIQUE INDEX role_assignment_everywhere ON role_assignment (user_id, group_id)
  WHERE conference_id IS NULL;
CREATE INDEX role_assignment_group ON role_assignment (group_id);
CREATE INDEX role_assignment_of_conference ON role_assignment (conference_id);

INSERT INTO role_assignment (user_id, group_id, created_at, updated_at)
  SELECT m.user_id, m.group_id, g.created_at, g.created_at
  FROM user_group_member m JOIN user_group g ON g.id = m.group_id;
DROP TABLE user_group_member;

-- A colleague asked by mail to take a role. The link's secret half is derived from the nonce.
CREATE TABLE invitation (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,  -- null: everywhere
  group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  email_normalized TEXT NOT NULL,
  role_ends_at BIGINT NULL,
  message TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  invited_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  nonce TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  expires_at BIGINT NOT NULL,
  accepted_at BIGINT NULL,
  accepted_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  withdrawn_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX invitation_conference ON invitation (conference_id, id);
CREATE INDEX invitation_group ON invitation (group_id);
CREATE INDEX invitation_email ON invitation (email_normalized);
