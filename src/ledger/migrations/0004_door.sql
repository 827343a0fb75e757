-- Who may read and who may write, who read what, and the person's own door to their ticket.

ALTER TABLE api_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'write' CHECK (role IN ('write', 'read'));

-- The person has said that it is not settled, and nobody has taken it up again since.
ALTER TABLE tickets ADD COLUMN reopening_asked INTEGER NOT NULL DEFAULT 0 CHECK (reopening_asked IN (0, 1));

CREATE INDEX tickets_asked_to_reopen ON tickets (organisation, id) WHERE reopening_asked = 1;

-- Whoever asks from outside names a ticket by number and code, and no organisation.
CREATE INDEX tickets_by_number ON tickets (number);

-- Who read what people said and wrote: which key, whose words, by which address; never the words.
CREATE TABLE access_log (
    organisation TEXT    NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq > 0),
    at           TEXT    NOT NULL,
    key          TEXT,
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    route        TEXT    NOT NULL,
    PRIMARY KEY (organisation, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER accesses_are_never_changed BEFORE UPDATE ON access_log BEGIN
    SELECT raise(ABORT, 'an access is never changed');
END;
CREATE TRIGGER accesses_are_never_deleted BEFORE DELETE ON access_log BEGIN
    SELECT raise(ABORT, 'an access is never deleted');
END;
