-- The report of a run stays on record, for its own role, and can be had as a page.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('report', $$
CREATE TABLE "<b>bold & ""quoted"""(id INTEGER PRIMARY KEY, v ANY);
INSERT INTO "<b>bold & ""quoted""" VALUES (1, 'x'), (2, 3);
CREATE VIEW "v<script>" AS SELECT regexp_nothing(v) FROM "<b>bold & ""quoted""";
$$) AS file \gset
CREATE SCHEMA report;
SELECT count(*) > 3 AS done FROM sqlite_import.migrate(:'file', 'report');
SELECT object_type, object_name, action, rows, note FROM sqlite_import.last_report() WHERE action IN ('loaded', 'verified', 'not migrated', 'changed');

-- The page: nothing of the source's names is markup, and nothing comes from outside.
SELECT page LIKE '<!DOCTYPE html>%</body></html>' AS whole, page LIKE '%<b>%' AS markup_of_names, page LIKE '%<script%' AS script,
    page ~ '(src|href)="(?!data:)' AS from_outside, page LIKE '%&lt;b&gt;bold &amp; &quot;quoted&quot;%' AS escaped
FROM sqlite_import.report_html() AS page;
SELECT sqlite_import.report_html(-1);

-- What was rolled back leaves no record.
SELECT count(*) AS before FROM sqlite_import.runs \gset
BEGIN;
SELECT count(*) > 3 AS done FROM sqlite_import.migrate(:'file', 'report', on_existing => 'replace');
ROLLBACK;
SELECT count(*) - :before AS more FROM sqlite_import.runs;

-- Each role sees its own runs only.
CREATE ROLE regress_reader;
SET ROLE regress_reader;
SELECT count(*) FROM sqlite_import.runs;
SELECT count(*) FROM sqlite_import.run_reports;
INSERT INTO sqlite_import.runs(run, role, source, target_schema, options, source_fingerprint) VALUES (-5, 'postgres', 'x', 'y', '{}', 'z');
RESET ROLE;
DROP ROLE regress_reader;
SELECT * FROM sqlite_import.progress;
DROP SCHEMA report CASCADE;
