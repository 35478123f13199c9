-- The job list: derived, so it is dropped and made anew whenever it does not look exactly like this.
DROP TABLE IF EXISTS jobs;

-- created: 100 ns since 0001-01-01, UTC.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    version INTEGER NOT NULL,
    summary BLOB
) WITHOUT ROWID;

CREATE INDEX jobs_by_age ON jobs (created DESC, id);

CREATE INDEX jobs_by_state ON jobs (state, created DESC, id);

-- The store itself deletes rows only to rebuild the list. Rows that somebody else deleted are missed the same way.
CREATE TRIGGER jobs_incomplete AFTER DELETE ON jobs
BEGIN
    UPDATE meta SET value = 'incomplete' WHERE key = 'jobs';
END;
