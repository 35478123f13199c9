-- Version 1 of the store. Runs once, in one transaction, on an empty file. docs/decisions/0002-sqlite-layout.md says why it
-- looks like this. "Elas" in ASCII: tells our files from those of other programs.
PRAGMA application_id = 1164730739;

-- kind: which engine owns the data; shards: how many shards open streams are listed by; jobs: 'complete' or not;
-- opened: how often a process opened the store to write.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

-- The head of every stream. BINARY collation on ASCII names is the ordinal order that the contract asks for.
CREATE TABLE streams (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    hash BLOB NOT NULL,
    shard INTEGER NOT NULL,
    is_open INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX open_streams ON streams (shard, name) WHERE is_open = 1;

-- seq is the log cursor. Attachments come last, so that a row read without them never touches the pages they overflow to.
-- NULL stands for no bytes.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    hash BLOB NOT NULL,
    metadata BLOB,
    content BLOB,
    attachments BLOB
);

CREATE UNIQUE INDEX events_by_stream ON events (stream, version);

-- The ids of the latest batches, to resolve an append whose outcome is unknown.
CREATE TABLE batches (
    no INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL
);

PRAGMA user_version = 1;
