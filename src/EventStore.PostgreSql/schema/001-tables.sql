-- Run inside the store's schema, in one transaction, once. Never edited after a release: a change is a new file.
-- Names compare in ordinal order (COLLATE "C"), whatever the database's language; what we stored is bytea, never jsonb.

-- One row about the store itself.
CREATE TABLE store (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version integer NOT NULL,              -- the number of the last schema file that was run
    kind text NOT NULL,                    -- the kind of engine that owns the data
    shard_count integer NOT NULL,
    position_offset bigint NOT NULL,       -- added to transaction ids, see events.position
    is_job_list_complete boolean NOT NULL  -- false while the derived list of jobs has to be rebuilt
);

-- One row: who may write. Each commit locks it where the epoch is the writer's; there is no commit without that row.
CREATE TABLE owner (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    epoch bigint NOT NULL,                 -- +1 with each claim and with each new connection of the same owner
    holder uuid,                           -- the process that owns; null when nobody does
    name text NOT NULL,                    -- the same in words for a human
    renewed_at timestamptz NOT NULL        -- by this database's clock
) WITH (fillfactor = 50);
INSERT INTO owner (epoch, name, renewed_at) VALUES (1, 'nobody', clock_timestamp());

-- The events, and with them the head of each stream: its last row.
CREATE TABLE events (
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,              -- the writing transaction's id plus store.position_offset
    ordinal integer NOT NULL,              -- the place within that transaction
    type text COLLATE "C" NOT NULL,
    metadata bytea NOT NULL,
    content bytea NOT NULL,
    attachments bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (stream, version)
);
CREATE UNIQUE INDEX events_log ON events (position, ordinal);

-- The streams that wait for something. In a table of its own, because closing one must not touch the events.
CREATE TABLE open_streams (
    stream text COLLATE "C" PRIMARY KEY,
    shard integer NOT NULL
);
CREATE INDEX open_streams_by_shard ON open_streams (shard, stream);

-- The last transactions that appended, as a ring: what answers whether a batch is in the store. Not a column of owner:
-- a row that every commit changes is slow to find while a long backup keeps its old forms alive.
CREATE TABLE commits (
    slot integer PRIMARY KEY,              -- number modulo 256
    number bigint NOT NULL,                -- 1, 2, 3, over all owners
    epoch bigint NOT NULL,                 -- the epoch it was written under
    position bigint NOT NULL,              -- that of its events
    batches uuid[] NOT NULL
) WITH (fillfactor = 50);
