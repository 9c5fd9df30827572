/* sqlite_import--1.0.sql: the objects of the extension, in the order of the way of the data */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sqlite_import" to load this file. \quit

-- A schema of this name may be there already.  If somebody made it who may not install extensions,
-- functions may lie in it that look like ours.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
               WHERE n.nspname = 'sqlite_import' AND NOT r.rolsuper AND r.rolname <> current_user) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = 'schema "sqlite_import" belongs to another role',
            HINT = 'Drop it, or make a superuser its owner, after a look at what is in it.';
    END IF;
END $$;

-- Anybody may call the functions: each checks the caller's rights on what it is given.  Nobody but
-- the owner may put objects here.
GRANT USAGE ON SCHEMA sqlite_import TO PUBLIC;

-- versions

CREATE FUNCTION sqlite_import.version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sqlite_import.sqlite_version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_sqlite_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- sources

CREATE FUNCTION sqlite_import.source_info(
	source text,
	quick_check boolean DEFAULT false,
	OUT kind text,
	OUT page_size bigint,
	OUT page_count bigint,
	OUT encoding text,
	OUT application_id bigint,
	OUT user_version bigint,
	OUT tables bigint,
	OUT views bigint,
	OUT note text,
	OUT problems text[])
AS 'MODULE_PATHNAME', 'sqlite_import_source_info'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.source_info(text, boolean) IS
	'what a source is and how it was opened; with quick_check, what is damaged in it';

CREATE FUNCTION sqlite_import.upload(part bytea, large_object oid DEFAULT NULL) RETURNS oid
AS 'MODULE_PATHNAME', 'sqlite_import_upload'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.upload(bytea, oid) IS
	'makes a large object of the bytes, or appends them to one; as a source it is lo:OID';

-- copying

CREATE FUNCTION sqlite_import.copy_batch() RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_copy_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.copy_batch() IS
'rows of the batch being copied; used by the INSERT statements of copies only';

-- Values and rows that on_error => 'reject' left out; each role sees its own.  A role is kept by its oid, so that one
-- that is made later under the same name sees nothing of it.  What only its owner may see cannot be in a dump that
-- others make: neither this table nor those of runs are configuration tables, and a restored database has no record.
CREATE TABLE sqlite_import.rejected_rows (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run text NOT NULL,
    role_name regrole NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now(),
    target text NOT NULL,
    table_name text NOT NULL,
    source_rowid bigint,
    row_number bigint NOT NULL,
    column_name text,
    storage_class text,
    value text,
    sqlstate text NOT NULL,
    message text NOT NULL,
    detail text
);

COMMENT ON TABLE sqlite_import.rejected_rows IS
'values that were refused under on_error => ''reject'', each with the place where it is in the source';

ALTER TABLE sqlite_import.rejected_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sqlite_import.rejected_rows USING (role_name = (SELECT own.oid FROM pg_catalog.pg_roles own WHERE own.rolname = current_user));
GRANT SELECT, DELETE ON sqlite_import.rejected_rows TO PUBLIC;
-- the migration

-- a row of a report: one object, and what became of it
CREATE TYPE sqlite_import.report_row AS (
    object_type text,
    object_name text,
    target text,
    action text,
    rows bigint,
    rejected bigint,
    duration interval,
    note text
);

COMMENT ON TYPE sqlite_import.report_row IS
'a row of a report: one object of a migration, and what became of it';

CREATE FUNCTION sqlite_import.migrate(
    source text,
    target_schema name DEFAULT 'public',
    tables text[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    on_existing text DEFAULT 'load_if_empty',
    identifiers text DEFAULT 'lower',
    types text DEFAULT 'checked',
    casts jsonb DEFAULT NULL,
    on_error text DEFAULT 'stop',
    invalid_text text DEFAULT 'error',
    foreign_keys text DEFAULT 'validate',
    timezone text DEFAULT NULL,
    verify text DEFAULT 'rows',
    "analyze" boolean DEFAULT true,
    dry_run boolean DEFAULT false,
    batch_size integer DEFAULT NULL,
    create_missing boolean DEFAULT true,
    integer_type text DEFAULT 'bigint',
    max_rejects bigint DEFAULT NULL,
    index_memory text DEFAULT NULL,
    views boolean DEFAULT true,
    triggers boolean DEFAULT true,
    comments boolean DEFAULT false,
    text_search text DEFAULT NULL,
    on_corruption text DEFAULT 'error',
    quick_check boolean DEFAULT false,
    helpers boolean DEFAULT false
) RETURNS SETOF sqlite_import.report_row
AS 'MODULE_PATHNAME', 'sqlite_import_migrate'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.migrate IS
'migrate a SQLite database into a schema, in the current transaction, and report';

-- import_schema and plan take migrate's parameters, which stand once: above.
DO $$
DECLARE
    parameters CONSTANT text := pg_catalog.pg_get_function_arguments('sqlite_import.migrate'::regproc);
BEGIN
    EXECUTE 'CREATE FUNCTION sqlite_import.import_schema(' || parameters || ')
        RETURNS SETOF sqlite_import.report_row
        AS ''MODULE_PATHNAME'', ''sqlite_import_import_schema'' LANGUAGE C VOLATILE PARALLEL UNSAFE';
    EXECUTE 'CREATE FUNCTION sqlite_import.plan(' || parameters || ')
        RETURNS TABLE (step integer, phase text, object_type text, object_name text, statement text)
        AS ''MODULE_PATHNAME'', ''sqlite_import_plan'' LANGUAGE C VOLATILE PARALLEL UNSAFE';
END $$;

COMMENT ON FUNCTION sqlite_import.import_schema IS
'migrate the schema of a SQLite database, without its rows';
COMMENT ON FUNCTION sqlite_import.plan IS
'the statements that migrate would run, in their order';

-- what a schema may use that was migrated with helpers => true: SQLite's functions of these names

CREATE FUNCTION sqlite_import.date(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.time(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.datetime(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.strftime(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.julianday(VARIADIC "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.unixepoch(VARIADIC "any") RETURNS bigint
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.printf(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.quote("any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.glob(pattern text, value text) RETURNS boolean
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json(document text) RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_valid(document text) RETURNS boolean
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_quote("any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_insert(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_replace(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_set(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_remove(VARIADIC "any") RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sqlite_import.json_patch(document text, patch text) RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_builtin' LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- its parts

CREATE FUNCTION sqlite_import.copy_table(
    source text,
    source_table text,
    target regclass,
    source_columns text[] DEFAULT NULL,
    target_columns text[] DEFAULT NULL,
    casts jsonb DEFAULT NULL,
    upsert boolean DEFAULT false,
    on_error text DEFAULT 'stop',
    max_rejects bigint DEFAULT NULL,
    invalid_text text DEFAULT 'error',
    timezone text DEFAULT NULL,
    batch_size integer DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    on_corruption text DEFAULT 'error'
) RETURNS SETOF sqlite_import.report_row
AS 'MODULE_PATHNAME', 'sqlite_import_copy_table'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.copy_table IS
'copy the rows of one SQLite table into a table';

CREATE FUNCTION sqlite_import.copy_tables(
    source text,
    target_schema name DEFAULT 'public',
    tables text[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    on_existing text DEFAULT 'load_if_empty',
    casts jsonb DEFAULT NULL,
    on_error text DEFAULT 'stop',
    max_rejects bigint DEFAULT NULL,
    invalid_text text DEFAULT 'error',
    timezone text DEFAULT NULL,
    batch_size integer DEFAULT NULL,
    on_corruption text DEFAULT 'error'
) RETURNS SETOF sqlite_import.report_row
AS 'MODULE_PATHNAME', 'sqlite_import_copy_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.copy_tables IS
'copy the rows of SQLite tables into tables that exist, parents before children';

CREATE FUNCTION sqlite_import.reset_sequences(
    target_schema name DEFAULT 'public',
    tables text[] DEFAULT NULL,
    at_least bigint DEFAULT NULL,
    set_back boolean DEFAULT false,
    OUT table_name text,
    OUT column_name text,
    OUT sequence_name text,
    OUT last_value bigint,
    OUT changed boolean,
    OUT note text
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_reset_sequences'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.reset_sequences IS
'let every serial and identity column continue after the greatest value in its table';

-- the record of runs: each role sees its own, and may delete it; the extension writes it, so that
-- nobody can take the number of another's next run or add to another's report

CREATE TABLE sqlite_import.runs (
    run bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    role regrole NOT NULL,
    source text NOT NULL,
    target_schema name NOT NULL,
    options jsonb NOT NULL,
    source_fingerprint text NOT NULL,
    started timestamptz NOT NULL DEFAULT now(),
    finished timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE sqlite_import.run_reports (
    run bigint NOT NULL REFERENCES sqlite_import.runs ON DELETE CASCADE,
    position integer NOT NULL,
    role regrole NOT NULL,
    object_type text NOT NULL,
    object_name text NOT NULL,
    target text,
    action text NOT NULL,
    rows bigint,
    rejected bigint,
    duration interval,
    note text,
    PRIMARY KEY (run, position)
);

ALTER TABLE sqlite_import.runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE sqlite_import.run_reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_runs ON sqlite_import.runs USING (role = (SELECT own.oid FROM pg_catalog.pg_roles own WHERE own.rolname = current_user));
CREATE POLICY own_run_reports ON sqlite_import.run_reports USING (role = (SELECT own.oid FROM pg_catalog.pg_roles own WHERE own.rolname = current_user));
GRANT SELECT, DELETE ON sqlite_import.runs, sqlite_import.run_reports TO PUBLIC;
GRANT USAGE ON SEQUENCE sqlite_import.runs_run_seq TO PUBLIC;

CREATE FUNCTION sqlite_import.last_report() RETURNS SETOF sqlite_import.report_row
LANGUAGE sql STABLE SET row_security = on
BEGIN ATOMIC
    SELECT r.object_type, r.object_name, r.target, r.action, r.rows, r.rejected, r.duration, r.note
    FROM sqlite_import.run_reports r
    WHERE r.run = (SELECT max(m.run) FROM sqlite_import.runs m WHERE m.role = (SELECT own.oid FROM pg_catalog.pg_roles own WHERE own.rolname = current_user))
    ORDER BY r.position;
END;

COMMENT ON FUNCTION sqlite_import.last_report() IS
'the report of the caller''s last run that committed';
-- verification

CREATE FUNCTION sqlite_import.verify(
    source text,
    target_schema name DEFAULT 'public',
    level text DEFAULT 'rows',
    tables text[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    identifiers text DEFAULT 'lower',
    casts jsonb DEFAULT NULL,
    on_error text DEFAULT 'stop',
    invalid_text text DEFAULT 'error',
    timezone text DEFAULT NULL,
    on_corruption text DEFAULT 'error',
    OUT table_name text,
    OUT target text,
    OUT source_rows bigint,
    OUT target_rows bigint,
    OUT missing bigint,
    OUT extra bigint,
    OUT different bigint,
    OUT status text,
    OUT sample jsonb
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_verify'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.verify IS
'compare every row of a SQLite database with the tables it was migrated to';

-- the foreign data wrapper

CREATE FUNCTION sqlite_import.fdw_handler() RETURNS fdw_handler
AS 'MODULE_PATHNAME', 'sqlite_import_fdw_handler'
LANGUAGE C STRICT;

CREATE FUNCTION sqlite_import.fdw_validator(text[], oid) RETURNS void
AS 'MODULE_PATHNAME', 'sqlite_import_fdw_validator'
LANGUAGE C STRICT;

CREATE FOREIGN DATA WRAPPER sqlite_import
  HANDLER sqlite_import.fdw_handler VALIDATOR sqlite_import.fdw_validator;

CREATE FUNCTION sqlite_import.get_connections(
  OUT server_name text, OUT valid boolean, OUT writable boolean, OUT in_use boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_get_connections'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION sqlite_import.disconnect(server_name text) RETURNS boolean
AS 'MODULE_PATHNAME', 'sqlite_import_disconnect'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION sqlite_import.disconnect_all() RETURNS boolean
AS 'MODULE_PATHNAME', 'sqlite_import_disconnect_all'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
-- before anything is written

CREATE FUNCTION sqlite_import.profile(
    source text,
    tables text[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    integer_type text DEFAULT 'bigint',
    OUT table_name text,
    OUT column_name text,
    OUT declared_type text,
    OUT target_type text,
    OUT nulls bigint,
    OUT integers bigint,
    OUT reals bigint,
    OUT texts bigint,
    OUT blobs bigint,
    OUT min text,
    OUT max text,
    OUT max_length bigint,
    OUT note text
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_profile'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.profile IS
'what the values of a SQLite database are, column by column, and the types they ask for';

-- what runs now

CREATE VIEW sqlite_import.progress AS
SELECT a.pid, a.datname AS database, a.usename AS role, m.part[1] AS phase, m.part[2] AS object,
    m.part[3]::integer AS step, m.part[4]::integer AS steps,
    c.tuples_processed AS rows, c.tuples_excluded AS rejected, c.bytes_processed AS bytes,
    CASE WHEN c.bytes_total > 0
        THEN round(least(c.bytes_processed::numeric / c.bytes_total, 1), 3) END AS share,
    clock_timestamp() - a.query_start AS elapsed
FROM pg_catalog.pg_stat_activity a
CROSS JOIN LATERAL regexp_match(a.query,
    '^sqlite_import: (prepare|table|load|restore|key|index|sequence|foreign key|view|trigger|analyze|verify|report) (.*) \((\d{1,9}) of (\d{1,9})\)$') AS m(part)
LEFT JOIN pg_catalog.pg_stat_progress_copy c ON c.pid = a.pid
WHERE a.state = 'active' AND m.part IS NOT NULL;

COMMENT ON VIEW sqlite_import.progress IS
'the migrations that run now: their step, and of a running load the rows and the share done';
GRANT SELECT ON sqlite_import.progress TO PUBLIC;

-- the report as a page: self-contained HTML, for the migration's record

CREATE FUNCTION sqlite_import.html_escape(content text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(replace(replace(coalesce(content, ''), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;');

CREATE FUNCTION sqlite_import.html_row(VARIADIC cells text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT '<tr>' || string_agg('<td>' || sqlite_import.html_escape(c.cell) || '</td>', '' ORDER BY c.position) || '</tr>'
    FROM unnest(cells) WITH ORDINALITY AS c(cell, position);
END;

-- A section with a table; nothing where there are no rows.
CREATE FUNCTION sqlite_import.html_section(title text, headings text[], rows text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN rows IS NULL THEN '' ELSE '<h2>' || sqlite_import.html_escape(title) || '</h2><div class="scroll"><table><tr>'
        || (SELECT coalesce(string_agg('<th>' || sqlite_import.html_escape(h.heading) || '</th>', '' ORDER BY h.position), '')
            FROM unnest(headings) WITH ORDINALITY AS h(heading, position))
        || '</tr>' || rows || '</table></div>' END;
END;

-- Three figures of a duration: 2.35 s, 12.3 ms
CREATE FUNCTION sqlite_import.html_duration(duration interval) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN s.seconds >= 60 THEN date_trunc('second', duration)::text
        WHEN s.seconds >= 1 THEN round(s.seconds, 2) || ' s'
        ELSE round(s.seconds * 1000, 1) || ' ms' END
    FROM extract(epoch FROM duration) AS s(seconds);
END;

-- The tables by the time of their load, as bars; the thirty slowest.
CREATE FUNCTION sqlite_import.html_chart(run_number bigint) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH loads AS (
        SELECT p.object_name, p.rows, p.duration, row_number() OVER (ORDER BY p.duration DESC, p.position) AS place,
            max(extract(epoch FROM p.duration)) OVER () AS longest
        FROM sqlite_import.run_reports p
        WHERE p.run = run_number AND p.object_type = 'table' AND p.action = 'loaded'
        ORDER BY place LIMIT 30
    )
    SELECT CASE WHEN count(*) = 0 THEN '' ELSE
        '<h2>Load times</h2>'
        || string_agg(format('<div class="load"><span>%s</span><span>%s rows, %s</span><i><b style="width:%s%%"></b></i></div>',
            sqlite_import.html_escape(object_name), rows, sqlite_import.html_duration(duration),
            round(100 * extract(epoch FROM duration) / greatest(longest, 0.000001), 1)), '' ORDER BY place) END
    FROM loads;
END;

-- One sentence: what came over, and whether it was proved.
CREATE FUNCTION sqlite_import.html_verdict(run_number bigint) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH counted AS (
        SELECT count(*) FILTER (WHERE p.action = 'loaded') AS loaded,
            coalesce(sum(p.rows) FILTER (WHERE p.action = 'loaded'), 0) AS rows,
            coalesce(sum(p.rejected), 0) AS rejected,
            count(*) FILTER (WHERE p.action = 'verified') AS verified,
            count(*) FILTER (WHERE p.action = 'not migrated') AS left_out
        FROM sqlite_import.run_reports p WHERE p.run = run_number AND p.object_type <> 'database'
    )
    SELECT format('<p class="%s">%s rows in %s tables; %s.%s%s</p>',
        CASE WHEN verified = loaded AND rejected = 0 AND left_out = 0 THEN 'good' ELSE 'look' END, rows, loaded,
        CASE WHEN loaded = 0 THEN 'nothing was loaded' WHEN verified = 0 THEN 'they were not compared with the file'
            WHEN verified < loaded THEN format('%s tables were read again on both sides and compared', verified)
            ELSE 'every row was read again on both sides and compared' END,
        CASE WHEN rejected > 0 THEN format(' %s rows were rejected.', rejected) END,
        CASE WHEN left_out > 0 THEN format(' %s objects were not migrated.', left_out) END)
    FROM counted;
END;

CREATE FUNCTION sqlite_import.report_html(run bigint DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = on SET datestyle = 'ISO, MDY' SET intervalstyle = postgres AS $function$
DECLARE
    r sqlite_import.runs;
    page text;
BEGIN
    SELECT * INTO r FROM sqlite_import.runs s
    WHERE s.run = coalesce(report_html.run, (SELECT max(m.run) FROM sqlite_import.runs m WHERE m.role = (SELECT own.oid FROM pg_catalog.pg_roles own WHERE own.rolname = current_user)));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such run' USING ERRCODE = 'no_data_found',
            HINT = 'SELECT run, source, started FROM sqlite_import.runs lists your runs.';
    END IF;
    page := '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Migration report</title>'
        '<link rel="icon" href="data:,"><style>'
        ':root{color-scheme:light dark;--line:#8884;--bar:#4a7fb5}'
        'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}'
        'h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-top:2rem}'
        'p.good,p.look{padding:.5rem .75rem;border-left:.3rem solid #3a9b5c;background:#3a9b5c1a}p.look{border-color:#c98a1b;background:#c98a1b1a}'
        '.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}'
        'th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}'
        'td:last-child{overflow-wrap:anywhere;white-space:pre-wrap;min-width:4rem}'
        '.facts td:first-child{white-space:nowrap}summary{margin-top:2rem;font-weight:bold;cursor:pointer}'
        '.load{display:grid;grid-template-columns:1fr auto;column-gap:1rem;margin-bottom:.4rem}.load span:first-child{overflow-wrap:anywhere}'
        '.load i{grid-column:1/3;height:.5rem}.load b{display:block;height:100%;min-width:2px;border-radius:2px;background:var(--bar)}'
        '@media(min-width:48rem){.load{grid-template-columns:14rem 12rem 1fr}.load i{grid-column:3;align-self:center;height:.8rem}}'
        '</style></head><body><h1>Migration of ' || sqlite_import.html_escape(r.source) || '</h1>'
        || sqlite_import.html_verdict(r.run) || '<div class="scroll"><table class="facts">'
        || sqlite_import.html_row('Run', r.run::text)
        || sqlite_import.html_row('Target schema', r.target_schema::text)
        || sqlite_import.html_row('Role', pg_get_userbyid(r.role))
        || sqlite_import.html_row('Started', r.started::text)
        || sqlite_import.html_row('Duration', sqlite_import.html_duration(r.finished - r.started))
        || sqlite_import.html_row('Source', r.source_fingerprint)
        || sqlite_import.html_row('Options',
            (SELECT string_agg(o.key || ' = ' || o.value, ', ' ORDER BY o.key) FROM jsonb_each_text(r.options) o))
        || '</table></div>';
    page := page || sqlite_import.html_section('Summary', '{object,action,number,rows}',
        (SELECT string_agg(sqlite_import.html_row(c.object_type, c.action, c.number::text, c.rows::text), ''
            ORDER BY c.object_type, c.action)
         FROM (SELECT p.object_type, p.action, count(*) AS number, sum(p.rows) AS rows
               FROM sqlite_import.run_reports p WHERE p.run = r.run AND p.object_type <> 'database' GROUP BY 1, 2) c));
    page := page || sqlite_import.html_chart(r.run);
    page := page || sqlite_import.html_section('Not migrated, or not as it was', '{object,name,action,why}',
        (SELECT string_agg(sqlite_import.html_row(p.object_type, p.object_name, p.action, p.note), '' ORDER BY p.position)
         FROM sqlite_import.run_reports p
         WHERE p.run = r.run AND p.action IN ('not migrated', 'skipped', 'renamed', 'changed') AND p.object_type <> 'column'));
    page := page || sqlite_import.html_section('Types and names of columns', '{column,target,action,why}',
        (SELECT string_agg(sqlite_import.html_row(p.object_name, p.target, p.action, p.note), '' ORDER BY p.position)
         FROM sqlite_import.run_reports p WHERE p.run = r.run AND p.object_type = 'column'));
    page := page || sqlite_import.html_section('Advice', '{object,what}',
        (SELECT string_agg(sqlite_import.html_row(p.object_name, p.note), '' ORDER BY p.position)
         FROM sqlite_import.run_reports p WHERE p.run = r.run AND p.action = 'suggested'));
    page := page || sqlite_import.html_section('Verification', '{table,target,rows,result}',
        (SELECT string_agg(sqlite_import.html_row(p.object_name, p.target, p.rows::text, p.note), '' ORDER BY p.position)
         FROM sqlite_import.run_reports p WHERE p.run = r.run AND p.action = 'verified'));
    page := page || '<details><summary>Every object</summary>' || sqlite_import.html_section('Objects', '{object,name,target,action,rows,time,note}',
        (SELECT string_agg(sqlite_import.html_row(p.object_type, p.object_name, p.target, p.action, p.rows::text,
            sqlite_import.html_duration(p.duration), p.note), '' ORDER BY p.position)
         FROM sqlite_import.run_reports p
         WHERE p.run = r.run AND p.action NOT IN ('not migrated', 'skipped', 'suggested', 'verified'))) || '</details>';
    RETURN page || '</body></html>';
END;
$function$;

COMMENT ON FUNCTION sqlite_import.report_html(bigint) IS
'the report of a run, or of the caller''s last one, as a self-contained HTML page';
CREATE FUNCTION sqlite_import.assess(
    source text,
    tables text[] DEFAULT NULL,
    target_schema name DEFAULT 'public',
    exclude text[] DEFAULT NULL,
    on_existing text DEFAULT 'load_if_empty',
    identifiers text DEFAULT 'lower',
    types text DEFAULT 'checked',
    casts jsonb DEFAULT NULL,
    on_error text DEFAULT 'stop',
    invalid_text text DEFAULT 'error',
    foreign_keys text DEFAULT 'validate',
    timezone text DEFAULT NULL,
    verify text DEFAULT 'rows',
    "analyze" boolean DEFAULT true,
    dry_run boolean DEFAULT false,
    batch_size integer DEFAULT NULL,
    create_missing boolean DEFAULT true,
    integer_type text DEFAULT 'bigint',
    max_rejects bigint DEFAULT NULL,
    index_memory text DEFAULT NULL,
    views boolean DEFAULT true,
    triggers boolean DEFAULT true,
    comments boolean DEFAULT false,
    text_search text DEFAULT NULL,
    on_corruption text DEFAULT 'error',
    quick_check boolean DEFAULT false,
    helpers boolean DEFAULT false,
    OUT severity text,
    OUT object_type text,
    OUT object_name text,
    OUT column_name text,
    OUT finding text,
    OUT row_count bigint,
    OUT sample_rowids bigint[],
    OUT suggestion text
) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_assess'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.assess IS
'what will not go smoothly in a migration, before anything is written';
