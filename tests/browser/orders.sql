-- What each ticket is asked: one question, and one that only one of its answers brings. Run before the server starts.
INSERT INTO question (conference_id, slug, target, kind, label, is_required, sort_order, created_at, updated_at)
  SELECT id, 'food', 'attendee', 'choice', 'What do you eat?', 1, 0, 0, 0 FROM conference;
INSERT INTO question_option (question_id, slug, label, sort_order, created_at, updated_at)
  SELECT q.id, o.column1, o.column2, o.column3, 0, 0
  FROM question q, (VALUES ('all', 'Everything', 0), ('vegan', 'Vegan', 1), ('other', 'Something else', 2)) o;
INSERT INTO question (conference_id, slug, target, kind, label, help, is_required, depends_on_question_id,
    depends_on_value, sort_order, created_at, updated_at)
  SELECT conference_id, 'food-other', 'attendee', 'text', 'What must not be in it?', 'The kitchen reads this.', 1, id,
    'other', 1, 0, 0 FROM question WHERE slug = 'food';
UPDATE conference SET catalogue_version = catalogue_version + 1;
