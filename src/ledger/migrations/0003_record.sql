-- The ledger as a record: every change is an event of an organisation's one chain, and tickets are what their events
-- amount to. What people said stands apart, so that it can be erased while the chain still holds.
-- Tickets from before are brought along in code, in the transaction that runs this; then the tables renamed here go.

ALTER TABLE idempotency_keys RENAME TO idempotency_keys_0002;
ALTER TABLE outbox RENAME TO outbox_0002;
ALTER TABLE tickets RENAME TO tickets_0002;

-- An event is its entry: canonical JSON (RFC 8785), which names the hashes of the one before. All else is read from it.
CREATE TABLE events (
    organisation TEXT    NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq > 0),
    entry        TEXT    NOT NULL,
    sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
    sm3          BLOB    NOT NULL CHECK (length(sm3) = 32),
    id           TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.id')) VIRTUAL,
    subject_kind TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.subject.kind')) VIRTUAL,
    subject_id   TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.subject.id')) VIRTUAL,
    version      INTEGER NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.version')) VIRTUAL,
    kind         TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.kind')) VIRTUAL,
    at           TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.at')) VIRTUAL,
    PRIMARY KEY (organisation, seq)
) STRICT;

CREATE UNIQUE INDEX events_by_subject ON events (organisation, subject_kind, subject_id, version);
CREATE UNIQUE INDEX events_by_id ON events (organisation, id);
CREATE INDEX events_by_kind ON events (organisation, kind, seq);
CREATE INDEX events_of_records ON events (organisation, subject_kind, seq) WHERE subject_kind <> 'ticket';

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events BEGIN
    SELECT raise(ABORT, 'an event is never changed');
END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events BEGIN
    SELECT raise(ABORT, 'an event is never deleted');
END;
CREATE TRIGGER events_come_one_after_the_other BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE organisation = NEW.organisation) BEGIN
    SELECT raise(ABORT, 'an event comes behind the last one');
END;

-- What people said and wrote, by the name of the field. Personal data stands here and nowhere else. The entry holds a
-- digest of salt and text; without the salt it tells nothing.
CREATE TABLE words (
    organisation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    salt         BLOB    NOT NULL CHECK (length(salt) = 16),
    text         TEXT    NOT NULL,
    PRIMARY KEY (organisation, seq, name),
    FOREIGN KEY (organisation, seq) REFERENCES events (organisation, seq)
) STRICT;

CREATE TRIGGER words_are_never_changed BEFORE UPDATE ON words BEGIN
    SELECT raise(ABORT, 'words are kept or erased, never changed');
END;

-- Where each chain ends.
CREATE TABLE heads (
    organisation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
    sm3          BLOB    NOT NULL CHECK (length(sm3) = 32),
    PRIMARY KEY (organisation)
) STRICT, WITHOUT ROWID;

-- What the world should hear of, written with the event it tells of and sent later, in order.
CREATE TABLE outbox (
    organisation TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    sent_at      TEXT,
    PRIMARY KEY (organisation, seq),
    FOREIGN KEY (organisation, seq) REFERENCES events (organisation, seq)
) STRICT, WITHOUT ROWID;

-- What each ticket's events amount to, for lists.
CREATE TABLE tickets (
    organisation     TEXT    NOT NULL,
    id               TEXT    NOT NULL CHECK (length(id) = 36),
    number           TEXT    NOT NULL,
    version          INTEGER NOT NULL CHECK (version > 0),
    title            TEXT,
    region           TEXT    NOT NULL,
    item             TEXT,
    kind             TEXT    NOT NULL,
    status           TEXT    NOT NULL,
    complexity       TEXT    NOT NULL,
    received_at      TEXT    NOT NULL,
    due_on           TEXT,
    due_provisional  INTEGER NOT NULL CHECK (due_provisional IN (0, 1)),
    calendar_version TEXT    NOT NULL,
    holder           TEXT    NOT NULL,
    department       TEXT,
    cause            TEXT,
    route            TEXT,
    late             INTEGER NOT NULL CHECK (late IN (0, 1)),
    reopened         INTEGER NOT NULL,
    extended         INTEGER NOT NULL CHECK (extended IN (0, 1)),
    supervised       INTEGER NOT NULL CHECK (supervised IN (0, 1)),
    recurring        INTEGER NOT NULL CHECK (recurring IN (0, 1)),
    erased           INTEGER NOT NULL CHECK (erased IN (0, 1)),
    closed_at        TEXT,
    next_due         TEXT,
    next_check       TEXT,
    rulebook         TEXT    NOT NULL,
    -- What is due on no day comes last.
    due_order        TEXT    NOT NULL GENERATED ALWAYS AS (coalesce(due_on, '9999-12-31')) VIRTUAL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, number)
) STRICT;

CREATE INDEX tickets_by_due ON tickets (organisation, due_order, id);
CREATE INDEX tickets_open_by_due ON tickets (organisation, due_order, id) WHERE status <> 'closed';
CREATE INDEX tickets_open_by_holder ON tickets (organisation, holder, due_order, id) WHERE status <> 'closed';
CREATE INDEX tickets_by_receipt ON tickets (organisation, received_at);
CREATE INDEX tickets_to_check ON tickets (next_check) WHERE next_check IS NOT NULL;

-- What the events of everything else amount to: the roster, rectification items, reports and so on.
CREATE TABLE records (
    organisation TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL CHECK (version > 0),
    status       TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    PRIMARY KEY (organisation, kind, id)
) STRICT;

-- Which events a request made, so that asking again makes no others.
CREATE TABLE idempotency_keys (
    organisation TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    body_hash    BLOB    NOT NULL CHECK (length(body_hash) = 32),
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    first_seq    INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL,
    used_at      TEXT    NOT NULL,
    PRIMARY KEY (organisation, key),
    FOREIGN KEY (organisation, first_seq) REFERENCES events (organisation, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (organisation, subject_kind, subject_id);

-- Who does the work that only one process may do. It is the program's own and belongs to no organisation.
CREATE TABLE leases (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT,
    until  TEXT    NOT NULL,
    token  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
