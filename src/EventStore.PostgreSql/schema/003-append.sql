-- Appends several batches in one transaction: each whole or not at all, and none hurt by the refusal of another.
-- Batches are numbered from 1; a stream is appended to by one of them only. The parameters: what is trimmed (t_, in batch
-- 1 alone), the streams and the heads they must have (s_; those that get no event are looked at only, and any batch may
-- name them), the events (e_) and rows of the job list (j_), in the order of the batches. One row comes back for each batch that was refused: the first stream whose head differed, and the head it
-- has; or batch 0 and the owner's name when the caller does not own the store.
CREATE FUNCTION append(
    p_epoch bigint, p_renew_after interval, p_number bigint, p_batches uuid[],
    t_stream text[], t_version bigint[], t_hash bytea[],
    s_batch integer[], s_stream text[], s_version bigint[], s_hash bytea[], s_shard integer[], s_is_open boolean[],
    e_batch integer[], e_stream text[], e_version bigint[], e_type text[],
    e_metadata bytea[], e_content bytea[], e_attachments bytea[], e_hash bytea[],
    j_batch integer[], j_id text[], j_name text[], j_state text[],
    j_created_at bigint[], j_version bigint[], j_summary bytea[])
RETURNS TABLE (batch integer, stream text, version bigint, hash bytea)
LANGUAGE plpgsql
SET search_path FROM CURRENT
-- One plan for ever: from each element of an array, through the index, to its row. Statistics of a young table must not
-- talk the planner into reading all of it.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    renewed timestamptz;
    refused integer[] := '{}';
    here bigint;
BEGIN
    SELECT o.renewed_at INTO renewed FROM owner AS o WHERE o.epoch = p_epoch FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 0, o.name, NULL::bigint, NULL::bytea FROM owner AS o;
        RETURN;
    END IF;
    IF clock_timestamp() - renewed NOT BETWEEN interval '0' AND p_renew_after THEN
        UPDATE owner SET renewed_at = clock_timestamp();
    END IF;

    -- A statement sees what was committed before it began: these see all that the lock has waited for.
    FOR batch, stream, version, hash IN
        SELECT DISTINCT ON (n.batch) n.batch, n.stream, coalesce(head.version, 0), coalesce(head.hash, '\x')
        FROM (
            SELECT 1 AS batch, t.ordinal - cardinality(t_stream) AS ordinal, t.stream, t.version, t.hash, true AS trim
            FROM unnest(t_stream, t_version, t_hash) WITH ORDINALITY AS t (stream, version, hash, ordinal)
            UNION ALL
            SELECT s.batch, s.ordinal, s.stream, s.version, s.hash, false
            FROM unnest(s_batch, s_stream, s_version, s_hash)
                WITH ORDINALITY AS s (batch, stream, version, hash, ordinal)
        ) AS n
        LEFT JOIN LATERAL (
            SELECT e.version, e.hash FROM events AS e WHERE e.stream = n.stream ORDER BY e.version DESC LIMIT 1
        ) AS head ON true
        WHERE coalesce(head.version, 0) <> n.version
            OR head.hash <> n.hash
            OR (n.trim AND head.version IS NULL)
            OR (n.trim AND EXISTS (SELECT FROM open_streams AS o WHERE o.stream = n.stream))
        ORDER BY n.batch, n.ordinal
    LOOP
        refused := refused || batch;
        RETURN NEXT;
    END LOOP;
    IF cardinality(refused) = cardinality(p_batches) THEN
        RETURN;
    END IF;

    DELETE FROM events AS e USING unnest(t_stream) AS t (stream) WHERE e.stream = t.stream;

    SELECT pg_current_xact_id()::text::bigint + s.position_offset INTO here FROM store AS s;
    INSERT INTO events (stream, version, position, ordinal, type, metadata, content, attachments, hash)
    SELECT e.stream, e.version, here, e.ordinal, e.type, e.metadata, e.content, e.attachments, e.hash
    FROM unnest(e_batch, e_stream, e_version, e_type, e_metadata, e_content, e_attachments, e_hash)
        WITH ORDINALITY AS e (batch, stream, version, type, metadata, content, attachments, hash, ordinal)
    WHERE e.batch <> ALL (refused);

    INSERT INTO open_streams (stream, shard)
    SELECT s.stream, s.shard
    FROM unnest(s_batch, s_stream, s_shard, s_is_open) AS s (batch, stream, shard, is_open)
    WHERE s.is_open AND s.batch <> ALL (refused)
    ON CONFLICT (stream) DO UPDATE SET shard = excluded.shard WHERE open_streams.shard <> excluded.shard;

    DELETE FROM open_streams AS o
    USING unnest(s_batch, s_stream, s_version, s_is_open) AS s (batch, stream, version, is_open)
    WHERE o.stream = s.stream AND s.version > 0 AND NOT s.is_open AND s.batch <> ALL (refused);

    IF cardinality(j_id) > 0 THEN
        PERFORM put_jobs(refused, j_batch, j_id, j_name, j_state, j_created_at, j_version, j_summary);
    END IF;

    INSERT INTO commits (slot, number, epoch, position, batches)
    SELECT p_number % 256, p_number, p_epoch, here,
        ARRAY(SELECT b.id FROM unnest(p_batches) WITH ORDINALITY AS b (id, ordinal) WHERE b.ordinal <> ALL (refused))
    ON CONFLICT (slot) DO UPDATE SET
        number = excluded.number, epoch = excluded.epoch, position = excluded.position, batches = excluded.batches;
END $$;
