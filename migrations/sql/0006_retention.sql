-- Holds: while one is in force nothing of the case is erased, whoever asks. The reason is sealed, for people write names.
CREATE TABLE legal_holds (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  sealed_reason bytea NOT NULL,
  held_by text NOT NULL,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  released_by text,
  released_at timestamptz,
  CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE UNIQUE INDEX current_hold ON legal_holds (case_id) WHERE released_at IS NULL;

-- What retention looks for: raw biometrics by age, ended cases by the time of their end.
CREATE INDEX biometrics_by_age ON blobs (received_at) WHERE kind IN ('selfie', 'clip');
CREATE INDEX consents_withdrawn ON consents (case_id) WHERE ended_as = 'withdrawn';
CREATE INDEX cases_by_end ON cases (status, (coalesce(decided_at, created_at)));

GRANT SELECT, INSERT ON legal_holds TO ekyc_app;
GRANT UPDATE (released_by, released_at) ON legal_holds TO ekyc_app;
GRANT SELECT (id, case_id, held_by, held_at, released_by, released_at) ON legal_holds TO ekyc_auditor;
