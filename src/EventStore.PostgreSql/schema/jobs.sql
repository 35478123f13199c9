-- The derived list of jobs. Run whenever the table is missing; its rows are then rebuilt from the events.
CREATE TABLE IF NOT EXISTS jobs (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,            -- 100 ns since 1970-01-01 UTC, exact: to_timestamp(created_at / 1e7)
    version bigint NOT NULL,
    summary bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (created_at DESC, id);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created_at DESC, id);
