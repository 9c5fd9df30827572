"""Changes to the migrated sample, each of which the comparison has to notice.

A comparison that cannot fail proves nothing; so it is tried against a schema in which one thing is
wrong at a time.
"""

MUTATIONS = [
    ("one value differs", "UPDATE {s}.students SET full_name = full_name || ' ' WHERE id = 300"),
    ("one value became NULL", "UPDATE {s}.enrolments SET grade = NULL WHERE id = 1001"),
    ("a double lost its last bit", "UPDATE {s}.enrolments SET grade = 1.1000000000000003 WHERE grade = 1.1"),
    ("a time lost its fraction", "UPDATE {s}.students SET created_at = date_trunc('second', created_at) WHERE id = 10"),
    ("an empty text became NULL", """UPDATE {s}."order" SET note = NULL WHERE note = ''"""),
    ("a blob was cut", "UPDATE {s}.students SET photo = substr(photo, 1, 47) WHERE id = 1"),
    ("a boolean flipped", "UPDATE {s}.teachers SET is_active = NOT is_active WHERE id = 2"),
    ("two values changed places", "UPDATE {s}.teachers SET hired_on = CASE id WHEN 1 THEN (SELECT hired_on FROM {s}.teachers"
     " WHERE id = 2) ELSE (SELECT hired_on FROM {s}.teachers WHERE id = 1) END WHERE id IN (1, 2)"),
    ("a row is missing", "DELETE FROM {s}.enrolments WHERE id = 77"),
    ("a row is there twice", """INSERT INTO {s}."order" SELECT * FROM {s}."order" LIMIT 1"""),
    ("a table is missing", "DROP TABLE {s}.enrolments CASCADE"),
    ("a column is missing", "ALTER TABLE {s}.students DROP COLUMN settings"),
    ("NOT NULL is lost", "ALTER TABLE {s}.teachers ALTER full_name DROP NOT NULL"),
    ("NOT NULL is invented", "ALTER TABLE {s}.teachers ALTER email SET NOT NULL"),
    ("a primary key is lost", "ALTER TABLE {s}.enrolments DROP CONSTRAINT enrolments_pkey"),
    ("an index is lost", "DROP INDEX {s}.ix_enrolments_course"),
    ("an index lost its order", "DROP INDEX {s}.ix_enrolments_course;"
     " CREATE INDEX ix_enrolments_course ON {s}.enrolments (course_code, enrolled_at)"),
    ("a partial index became whole", "DROP INDEX {s}.ix_students_alive;"
     " CREATE INDEX ix_students_alive ON {s}.students (full_name)"),
    ("a foreign key is lost", "ALTER TABLE {s}.enrolments DROP CONSTRAINT fk_student"),
    ("a foreign key lost its action", "ALTER TABLE {s}.enrolments DROP CONSTRAINT fk_student,"
     " ADD FOREIGN KEY (student_id) REFERENCES {s}.students (id) ON UPDATE CASCADE"),
    ("a default is lost", "ALTER TABLE {s}.students ALTER level DROP DEFAULT"),
    ("a default changed", "ALTER TABLE {s}.courses ALTER credits SET DEFAULT 4"),
    ("a sequence lags", "SELECT setval(pg_get_serial_sequence('{s}.students', 'id'), 600)"),
    ("an identity is lost", "ALTER TABLE {s}.students ALTER id DROP IDENTITY"),
    ("a check is lost", "DO $$ DECLARE c name; BEGIN SELECT conname INTO c FROM pg_constraint WHERE contype = 'c'"
     " AND conrelid = '{s}.teachers'::regclass; EXECUTE format('ALTER TABLE {s}.teachers DROP CONSTRAINT %I', c); END $$"),
    ("a view is lost", "DROP VIEW {s}.course_results"),
    ("a view lost a row", "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW {s}.course_results AS SELECT * FROM ('"
     " || rtrim(pg_get_viewdef('{s}.course_results'), ';') || ') x WHERE code <> ''C-101'''; END $$"),
]
