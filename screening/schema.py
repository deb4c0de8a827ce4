"""How the tables came to be: an ordered history, appended to and never edited once shipped.

Unsealed columns carry what finding a row needs: ids, team, state, times. Everything a family
said or is stands in ``..._sealed`` columns, sealed under the data key named in ``sealed_for``.
Types are those that SQLite and PostgreSQL share: TEXT, INTEGER, BYTEA (bytes only).

Whoever holds a copy of the file without its keys still learns this: how many families there are, in which team and
with which visitor; when each was visited and how far its planned visits are, and from that about when a child was born;
which visits wait for a lead or did, and when somebody decided; that a task is due, when, and whether a decision made
it (one that none made, due 14 days after a visit, is a talk alone that is owed); who read which family's page when,
that somebody noted something about a family that is no visit, and when; how often a lead opens what was said alone;
that a lead has typed something that is not saved yet; when a colleague was trained;
and the length of what is sealed, in steps of 256 bytes. A visit's answers are one row for each of the four subjects,
whoever answered, filled up to 2 KiB, and its result is filled up to 8 KiB, so that neither number nor length says who
was asked alone or what came of it.
"""

HISTORY: dict[str, str] = {
    "0001 people, families, visits": """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE data_keys (id TEXT PRIMARY KEY, kek TEXT NOT NULL, wrapped BYTEA NOT NULL, created_at TEXT NOT NULL);

CREATE TABLE people (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, role TEXT NOT NULL, team TEXT NOT NULL,
    initials TEXT NOT NULL, language TEXT NOT NULL, password_hash TEXT NOT NULL,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id),
    details_sealed BYTEA NOT NULL, totp_sealed BYTEA NOT NULL, last_code INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, disabled_at TEXT);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), stage TEXT NOT NULL,
    created_at TEXT NOT NULL, seen_at TEXT NOT NULL, ended_at TEXT);
CREATE INDEX sessions_person ON sessions (person);
CREATE TABLE attempts (id TEXT PRIMARY KEY, scope TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX attempts_scope ON attempts (scope, at);

CREATE TABLE tablets (
    id TEXT PRIMARY KEY, transport_key BYTEA NOT NULL, enrolled_by TEXT NOT NULL REFERENCES people (id),
    enrolled_at TEXT NOT NULL, seen_at TEXT, revoked_at TEXT);
CREATE TABLE authors (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), tablet TEXT NOT NULL REFERENCES tablets (id),
    public_key BYTEA NOT NULL, enrolled_at TEXT NOT NULL, revoked_at TEXT, whole_to INTEGER NOT NULL DEFAULT 0);
CREATE TABLE activations (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id),
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT);
CREATE TABLE nonces (nonce TEXT PRIMARY KEY, seen_at TEXT NOT NULL);
CREATE INDEX nonces_seen ON nonces (seen_at);

CREATE TABLE families (
    id TEXT PRIMARY KEY, team TEXT NOT NULL, visitor TEXT REFERENCES people (id),
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), details_sealed BYTEA NOT NULL,
    created_at TEXT NOT NULL, left_at TEXT);
CREATE INDEX families_visitor ON families (visitor);
CREATE INDEX families_team ON families (team);
CREATE TABLE subjects (
    id TEXT PRIMARY KEY REFERENCES data_keys (id), family TEXT NOT NULL REFERENCES families (id), kind TEXT NOT NULL,
    UNIQUE (family, kind));
CREATE TABLE planned_visits (
    id TEXT PRIMARY KEY, family TEXT NOT NULL REFERENCES families (id), visit TEXT NOT NULL,
    planned_at TEXT, state TEXT NOT NULL, encounter TEXT,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), window_sealed BYTEA NOT NULL,
    UNIQUE (family, visit));
CREATE INDEX planned_visits_due ON planned_visits (state, planned_at);
CREATE TABLE caseload_changes (
    seq INTEGER PRIMARY KEY, person TEXT NOT NULL, family TEXT NOT NULL, gone INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX caseload_changes_person ON caseload_changes (person, seq);

CREATE TABLE envelopes (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
    type INTEGER, tablet TEXT NOT NULL, author TEXT, author_seq INTEGER, previous TEXT, claimed_at TEXT,
    received_at TEXT NOT NULL, judged_at TEXT, family TEXT, bytes BYTEA,
    UNIQUE (id, sha256));
CREATE INDEX envelopes_state ON envelopes (state, seq);
CREATE INDEX envelopes_author ON envelopes (author, author_seq);

CREATE TABLE encounters (
    id TEXT PRIMARY KEY, family TEXT NOT NULL REFERENCES families (id), visit TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id), tablet TEXT NOT NULL, instrument TEXT NOT NULL,
    state TEXT NOT NULL, replaces TEXT, completes TEXT,
    started_at TEXT NOT NULL, finished_at TEXT NOT NULL, began_at TEXT NOT NULL, ended_at TEXT NOT NULL,
    received_at TEXT NOT NULL, judged_at TEXT NOT NULL,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), result_sealed BYTEA NOT NULL);
CREATE INDEX encounters_family ON encounters (family, ended_at);
CREATE TABLE responses (
    id TEXT PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters (id),
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), answers_sealed BYTEA NOT NULL);
CREATE INDEX responses_encounter ON responses (encounter);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters (id),
    family TEXT NOT NULL REFERENCES families (id), team TEXT NOT NULL, state TEXT NOT NULL,
    owner TEXT, deputy TEXT, opened_at TEXT NOT NULL, closed_at TEXT,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), summary_sealed BYTEA NOT NULL);
CREATE INDEX reviews_open ON reviews (state, team);
CREATE INDEX reviews_family ON reviews (family);
CREATE TABLE decisions (
    id TEXT PRIMARY KEY, review TEXT REFERENCES reviews (id), encounter TEXT NOT NULL, family TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id), decided_at TEXT NOT NULL,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), decision_sealed BYTEA NOT NULL);
CREATE INDEX decisions_family ON decisions (family, decided_at);
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, family TEXT NOT NULL, encounter TEXT, decision TEXT, responsible TEXT NOT NULL,
    due TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL, done_at TEXT,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), task_sealed BYTEA NOT NULL);
CREATE INDEX tasks_family ON tasks (family, state);
CREATE INDEX tasks_responsible ON tasks (responsible, state, due);

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL,
    subject TEXT, sealed_for TEXT, detail_sealed BYTEA, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX audit_subject ON audit (subject, seq);
""",
    "0002 notes, training": """
ALTER TABLE people ADD COLUMN trained_at TEXT;
CREATE TABLE notes (
    id TEXT PRIMARY KEY, family TEXT NOT NULL REFERENCES families (id), person TEXT NOT NULL REFERENCES people (id),
    at TEXT NOT NULL, received_at TEXT NOT NULL,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), note_sealed BYTEA NOT NULL);
CREATE INDEX notes_family ON notes (family, at);
""",
    "0003 forks of tablets' chains": """
CREATE TABLE forks (
    id TEXT PRIMARY KEY, author TEXT NOT NULL REFERENCES authors (id), seq INTEGER NOT NULL, noticed_at TEXT NOT NULL);
CREATE INDEX forks_author ON forks (author, seq);
""",
    "0004 first passwords": """
ALTER TABLE people ADD COLUMN first_until TEXT;
""",
    "0005 protected answers and what was typed": """
CREATE TABLE openings (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), at TEXT NOT NULL);
CREATE INDEX openings_person ON openings (person, at);
CREATE TABLE confirmations (id TEXT PRIMARY KEY REFERENCES sessions (id), at TEXT NOT NULL);
CREATE TABLE unfinished (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), at TEXT NOT NULL,
    sealed_for TEXT NOT NULL REFERENCES data_keys (id), form_sealed BYTEA NOT NULL);
CREATE INDEX unfinished_person ON unfinished (person, at);
""",
}
