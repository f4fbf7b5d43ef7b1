-- Activities and signups; travel grants; badge templates.

CREATE TABLE activity (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  activity_type TEXT NOT NULL DEFAULT 'other'
    CHECK (activity_type IN ('sprint', 'workshop', 'tutorial', 'lightning_talk', 'social', 'open_space', 'summit', 'other')),
  description TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  pretalx_submission_type TEXT NOT NULL DEFAULT '',
  start_time BIGINT NULL,
  end_time BIGINT NULL,
  max_participants INTEGER NULL CHECK (max_participants >= 0),  -- null: unlimited
  requires_ticket SMALLINT NOT NULL DEFAULT 0 CHECK (requires_ticket IN (0, 1)),
  external_url TEXT NOT NULL DEFAULT '',
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  synced_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (end_time >= start_time)
);
CREATE UNIQUE INDEX activity_slug_folded ON activity (conference_id, lower(slug));
CREATE TABLE activity_organizer (
  activity_id BIGINT NOT NULL REFERENCES activity (id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  PRIMARY KEY (activity_id, user_id)
) WITHOUT ROWID;
CREATE INDEX activity_organizer_user ON activity_organizer (user_id);

-- Cancelled rows are history; one other row at most for each person and activity.
CREATE TABLE activity_signup (
  id INTEGER PRIMARY KEY,
  activity_id BIGINT NOT NULL REFERENCES activity (id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  status TEXT NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'waitlisted', 'cancelled')),
  note TEXT NOT NULL DEFAULT '',
  cancelled_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX activity_signup_current ON activity_signup (activity_id, user_id) WHERE status <> 'cancelled';
CREATE INDEX activity_signup_queue ON activity_signup (activity_id, status, created_at);
CREATE INDEX activity_signup_user ON activity_signup (user_id);

-- One application for each person and conference. Money decided on or paid keeps it from being deleted with its
-- conference.
CREATE TABLE travel_grant (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  user_id BIGINT NOT NULL REFERENCES user_account (id),
  status TEXT NOT NULL DEFAULT 'submitted'
    CHECK (status IN ('submitted', 'withdrawn', 'info_needed', 'offered', 'accepted', 'declined', 'rejected', 'need_more',
                      'disbursed')),
  application_type TEXT NOT NULL DEFAULT 'general'
    CHECK (application_type IN ('general', 'staff', 'speaker', 'core_dev', 'psf_board', 'community', 'education',
                                'pyladies', 'other')),
  request_type TEXT NOT NULL DEFAULT 'ticket_and_grant' CHECK (request_type IN ('ticket_only', 'ticket_and_grant')),
  travel_from TEXT NOT NULL,
  international SMALLINT NOT NULL DEFAULT 0 CHECK (international IN (0, 1)),
  first_time SMALLINT NULL CHECK (first_time IN (0, 1)),
  airfare_description TEXT NOT NULL DEFAULT '',
  airfare_amount BIGINT NOT NULL DEFAULT 0 CHECK (airfare_amount >= 0),
  lodging_description TEXT NOT NULL DEFAULT '',
  lodging_amount BIGINT NOT NULL DEFAULT 0 CHECK (lodging_amount >= 0),
  transit_description TEXT NOT NULL DEFAULT '',
  transit_amount BIGINT NOT NULL DEFAULT 0 CHECK (transit_amount >= 0),
  visa_description TEXT NOT NULL DEFAULT '',
  visa_amount BIGINT NOT NULL DEFAULT 0 CHECK (visa_amount >= 0),
  requested_amount BIGINT NOT NULL CHECK (requested_amount >= 0),
  approved_amount BIGINT NULL CHECK (approved_amount >= 0),
  currency TEXT NOT NULL,
  experience_level TEXT NULL CHECK (experience_level IN ('beginner', 'intermediate', 'expert')),
  occupation TEXT NOT NULL DEFAULT '',
  involvement TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL,
  days_attending TEXT NOT NULL DEFAULT '',  -- ISO dates, comma-separated
  sharing_expenses SMALLINT NOT NULL DEFAULT 0 CHECK (sharing_expenses IN (0, 1)),
  traveling_with TEXT NOT NULL DEFAULT '',
  reviewer_notes TEXT NOT NULL DEFAULT '',
  promo_code TEXT NOT NULL DEFAULT '',
  reviewed_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  reviewed_at BIGINT NULL,
  disbursed_amount BIGINT NULL CHECK (disbursed_amount >= 0),
  disbursed_at BIGINT NULL,
  disbursed_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id, user_id)
);
CREATE INDEX travel_grant_user ON travel_grant (user_id);
CREATE INDEX travel_grant_status ON travel_grant (conference_id, status);

CREATE TABLE badge_template (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  is_default SMALLINT NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
  width_mm INTEGER NOT NULL DEFAULT 102 CHECK (width_mm >= 20 AND width_mm <= 500),
  height_mm INTEGER NOT NULL DEFAULT 152 CHECK (height_mm >= 20 AND height_mm <= 500),
  ticket_banner_position TEXT NOT NULL DEFAULT 'below_header'
    CHECK (ticket_banner_position IN ('below_header', 'above_name', 'below_name', 'bottom')),
  show_name SMALLINT NOT NULL DEFAULT 1 CHECK (show_name IN (0, 1)),
  show_email SMALLINT NOT NULL DEFAULT 0 CHECK (show_email IN (0, 1)),
  show_company SMALLINT NOT NULL DEFAULT 0 CHECK (show_company IN (0, 1)),
  show_ticket_type SMALLINT NOT NULL DEFAULT 1 CHECK (show_ticket_type IN (0, 1)),
  show_qr_code SMALLINT NOT NULL DEFAULT 1 CHECK (show_qr_code IN (0, 1)),
  show_conference_name SMALLINT NOT NULL DEFAULT 1 CHECK (show_conference_name IN (0, 1)),
  background_color TEXT NOT NULL DEFAULT '#FFFFFF',
  text_color TEXT NOT NULL DEFAULT '#000000',
  accent_color TEXT NOT NULL DEFAULT '#4338CA',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX badge_template_slug_folded ON badge_template (conference_id, lower(slug));
CREATE UNIQUE INDEX badge_template_default ON badge_template (conference_id) WHERE is_default = 1;
