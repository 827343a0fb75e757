-- The first ledger. Every key begins with the organisation, so that many can share one ledger.
-- Instants are RFC 3339 at +08:00, dates are ISO 8601, ids are hyphenated UUIDs: text a person can read.
-- Migrations are for ever: never change one that was released, add the next.

CREATE TABLE tickets (
    organisation     TEXT    NOT NULL,
    id               TEXT    NOT NULL CHECK (length(id) = 36),
    window_code      TEXT    NOT NULL,
    year             INTEGER NOT NULL,
    sequence         INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 999999),
    title            TEXT,
    status           TEXT    NOT NULL,
    complexity       TEXT    NOT NULL,
    received_at      TEXT    NOT NULL,
    due_on           TEXT,
    due_provisional  INTEGER NOT NULL CHECK (due_provisional IN (0, 1)),
    calendar_version TEXT    NOT NULL,
    rulebook         TEXT    NOT NULL,
    case_json        TEXT    NOT NULL,
    decision_json    TEXT    NOT NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, window_code, year, sequence)
) STRICT;

-- The last number given. Counted up in the transaction that keeps the ticket: no gaps, and none given twice.
CREATE TABLE ticket_numbers (
    organisation TEXT    NOT NULL,
    window_code  TEXT    NOT NULL,
    year         INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    PRIMARY KEY (organisation, window_code, year)
) STRICT, WITHOUT ROWID;

-- Which ticket a request opened, so that asking again opens no other.
CREATE TABLE idempotency_keys (
    organisation TEXT NOT NULL,
    key          TEXT NOT NULL,
    body_hash    BLOB NOT NULL CHECK (length(body_hash) = 32),
    ticket       TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    PRIMARY KEY (organisation, key),
    FOREIGN KEY (organisation, ticket) REFERENCES tickets (organisation, id)
) STRICT, WITHOUT ROWID;

-- What the world should hear of, written with the change it tells of and sent later, in order of position.
-- A message names its ticket and says nothing of the case.
CREATE TABLE outbox (
    organisation TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    ticket       TEXT    NOT NULL,
    happened_at  TEXT    NOT NULL,
    sent_at      TEXT,
    PRIMARY KEY (organisation, position),
    FOREIGN KEY (organisation, ticket) REFERENCES tickets (organisation, id)
) STRICT, WITHOUT ROWID;

-- API keys by name. Only the SHA-256 of a key is kept.
CREATE TABLE api_keys (
    organisation TEXT NOT NULL,
    name         TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    PRIMARY KEY (organisation, name)
) STRICT, WITHOUT ROWID;
