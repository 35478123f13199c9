-- Everything that writes is one function, called as one statement that commits itself: a client that freezes between
-- two statements of its own can then not keep the owner row locked. Later releases add functions instead of changing
-- these, so that an older process which still owns the store can go on.

-- Takes the lock that every commit begins with. False: somebody else owns the store, and nothing may be written.
CREATE FUNCTION lock_owner(p_epoch bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM owner WHERE epoch = p_epoch FOR UPDATE;
    RETURN FOUND;
END $$;

-- Makes p_holder the owner unless another one renewed within p_timeout; with p_is_resuming only if p_holder is the
-- owner already, to end what its former connection may have left under way. A renewal far in the future comes from a
-- clock that was set back and proves nothing; taking over is safe at any time, as the former epoch ends with it.
CREATE FUNCTION claim(p_holder uuid, p_name text, p_timeout interval, p_is_resuming boolean)
RETURNS TABLE (claimed_epoch bigint, owner_name text, renewed_ago interval)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    was owner;
    age interval;
    is_free boolean;
BEGIN
    PERFORM set_config('lock_timeout', ceil(extract(epoch FROM p_timeout) * 1000)::bigint || 'ms', true);
    SELECT * INTO STRICT was FROM owner FOR UPDATE;
    age := clock_timestamp() - was.renewed_at; -- read after the wait for the lock
    is_free := was.holder IS NULL OR age NOT BETWEEN -p_timeout AND p_timeout;
    IF was.holder = p_holder OR (is_free AND NOT p_is_resuming) THEN
        UPDATE owner SET epoch = was.epoch + 1, holder = p_holder, name = p_name, renewed_at = clock_timestamp();
        RETURN QUERY SELECT was.epoch + 1, p_name, interval '0';
    ELSE
        RETURN QUERY SELECT NULL::bigint, was.name, age;
    END IF;
END $$;

-- Ends the connection that keeps the owner row locked although its last renewal is much older than any commit takes:
-- a former owner that froze, or was cut off, inside a commit. True: somebody was ended.
CREATE FUNCTION evict(p_timeout interval) RETURNS boolean
LANGUAGE sql SET search_path FROM CURRENT AS $$
    SELECT coalesce(bool_or(pg_terminate_backend(l.pid)), false)
    FROM owner AS o
    JOIN pg_locks AS l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = o.xmax
    WHERE clock_timestamp() - o.renewed_at NOT BETWEEN -3 * p_timeout AND 3 * p_timeout
$$;

-- Which of these batches are in the store. Waits until no transaction of the owner is under way, so that "no" stays
-- true. p_epoch is the last one the caller owned: is_certain is false when the ring has forgotten that far back.
CREATE FUNCTION find_batches(p_epoch bigint, p_batches uuid[])
RETURNS TABLE (found uuid[], is_certain boolean)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM owner FOR UPDATE;
    RETURN QUERY SELECT
        ARRAY(SELECT b FROM commits AS c, unnest(c.batches) AS b WHERE b = ANY (p_batches)),
        (SELECT count(*) < 256 FROM commits) OR EXISTS (SELECT FROM commits AS c WHERE c.epoch <= p_epoch);
END $$;

-- Inserts or replaces rows of the derived list, but those of refused batches; a row never goes back to a smaller
-- version.
CREATE FUNCTION put_jobs(
    p_refused integer[], p_batch integer[], p_id text[], p_name text[], p_state text[],
    p_created_at bigint[], p_version bigint[], p_summary bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO jobs AS stored (id, name, state, created_at, version, summary)
    SELECT DISTINCT ON (r.id) r.id, r.name, r.state, r.created_at, r.version, r.summary
    FROM unnest(p_batch, p_id, p_name, p_state, p_created_at, p_version, p_summary)
        WITH ORDINALITY AS r (batch, id, name, state, created_at, version, summary, ordinal)
    WHERE r.batch <> ALL (p_refused)
    ORDER BY r.id, r.version DESC, r.ordinal DESC
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, state = excluded.state, created_at = excluded.created_at,
        version = excluded.version, summary = excluded.summary
    WHERE stored.version <= excluded.version;
END $$;

-- Rows of a rebuild. False: fenced.
CREATE FUNCTION write_jobs(
    p_epoch bigint, p_is_last boolean, p_batch integer[], p_id text[], p_name text[], p_state text[],
    p_created_at bigint[], p_version bigint[], p_summary bytea[]) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT lock_owner(p_epoch) THEN
        RETURN false;
    END IF;
    PERFORM put_jobs('{}', p_batch, p_id, p_name, p_state, p_created_at, p_version, p_summary);
    IF p_is_last THEN
        UPDATE store SET is_job_list_complete = true;
    END IF;
    RETURN true;
END $$;

-- Empties the derived list before a rebuild. False: fenced.
CREATE FUNCTION clear_jobs(p_epoch bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT lock_owner(p_epoch) THEN
        RETURN false;
    END IF;
    UPDATE store SET is_job_list_complete = false;
    TRUNCATE jobs;
    RETURN true;
END $$;

-- Replaces the attachments of one event; the caller has compared the digests. False: fenced.
CREATE FUNCTION erase_attachments(p_epoch bigint, p_stream text, p_version bigint, p_erased bytea) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT lock_owner(p_epoch) THEN
        RETURN false;
    END IF;
    UPDATE events SET attachments = p_erased WHERE stream = p_stream AND version = p_version;
    RETURN true;
END $$;
