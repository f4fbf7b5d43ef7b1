-- Nothing to do here: the step is SQLite's, whose temporary tables for lists in a CHECK PostgreSQL does not make.
SELECT 1;
