-- The rulebooks that went to work, so that an old decision can be made again with the rules of its day.
-- A file's bytes stand here once, under their SHA-256: an edit costs the file it changed and a list of names.

CREATE TABLE rulebooks (
    organisation TEXT    NOT NULL,
    hash         TEXT    NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
    files        INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    rules        INTEGER NOT NULL,
    facts        INTEGER NOT NULL,
    policies     INTEGER NOT NULL,
    texts        INTEGER NOT NULL,
    PRIMARY KEY (organisation, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_contents (
    organisation TEXT NOT NULL,
    sha256       BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes        BLOB NOT NULL,
    PRIMARY KEY (organisation, sha256)
) STRICT;

CREATE TABLE rulebook_files (
    organisation TEXT NOT NULL,
    rulebook     TEXT NOT NULL,
    part         TEXT NOT NULL CHECK (part IN ('rules', 'policies')),
    path         TEXT NOT NULL,
    sha256       BLOB NOT NULL,
    PRIMARY KEY (organisation, rulebook, part, path),
    FOREIGN KEY (organisation, rulebook) REFERENCES rulebooks (organisation, hash),
    FOREIGN KEY (organisation, sha256) REFERENCES file_contents (organisation, sha256)
) STRICT, WITHOUT ROWID;

-- Each time a rulebook went to work, the same one again included.
CREATE TABLE rulebook_loads (
    organisation TEXT NOT NULL,
    id           TEXT NOT NULL CHECK (length(id) = 36),
    rulebook     TEXT NOT NULL,
    loaded_at    TEXT NOT NULL,
    origin       TEXT NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, rulebook) REFERENCES rulebooks (organisation, hash)
) STRICT, WITHOUT ROWID;
