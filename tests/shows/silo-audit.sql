-- For the shows only, in their private database: the database itself records what each silo asked it to append and what
-- it refused, by the application's name in the connection string, and when a silo was declared dead.
CREATE SCHEMA show;
CREATE TABLE show.attempt (
    at timestamptz NOT NULL,
    who text NOT NULL,
    batches integer NOT NULL,
    refused integer NOT NULL,
    types text[] NOT NULL,                 -- of the events that were stored
    streams text[] NOT NULL                -- the first that differed, of each batch that was refused
);
CREATE TABLE show.death (at timestamptz NOT NULL, port integer NOT NULL, generation integer NOT NULL);

CREATE FUNCTION show.died() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO show.death VALUES (clock_timestamp(), NEW.port, NEW.generation);
    RETURN NULL;
END $$;
CREATE TRIGGER died AFTER UPDATE ON elasticity_cluster.silo
    FOR EACH ROW WHEN (NEW.status = 6 AND OLD.status <> 6) EXECUTE FUNCTION show.died();

-- In the same transaction as the append, so that neither is there without the other.
ALTER FUNCTION elasticity.append RENAME TO append_really;
DO $do$
DECLARE
    parameters text;
    given text;
BEGIN
    SELECT pg_get_function_identity_arguments(p.oid), array_to_string(p.proargnames[1:p.pronargs], ', ')
    INTO parameters, given
    FROM pg_proc AS p WHERE p.oid = 'elasticity.append_really'::regproc;
    EXECUTE format($make$
        CREATE FUNCTION elasticity.append(%s)
        RETURNS TABLE (batch integer, stream text, version bigint, hash bytea)
        LANGUAGE plpgsql AS $f$
        #variable_conflict use_column
        DECLARE
            refused integer[] := '{}';
            streams text[] := '{}';
        BEGIN
            FOR batch, stream, version, hash IN SELECT * FROM elasticity.append_really(%s) LOOP
                refused := refused || batch;
                streams := streams || stream;
                RETURN NEXT;
            END LOOP;
            INSERT INTO show.attempt VALUES (
                clock_timestamp(), current_setting('application_name'), cardinality(p_batches),
                CASE WHEN 0 = ANY (refused) THEN cardinality(p_batches) ELSE cardinality(refused) END, -- 0: all of them
                ARRAY(SELECT e.t FROM unnest(e_batch, e_type) AS e (b, t)
                    WHERE e.b <> ALL (refused) AND 0 <> ALL (refused)), streams);
        END $f$ $make$, parameters, given);
END $do$;
