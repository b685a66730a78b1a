-- Receipts of consents, one current a case and purpose. They hold nothing about the person, and prove that processing
-- was lawful when it happened: they outlive the erasure of the case, like the audit chain.
CREATE TABLE consents (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('identity_verification', 'biometric_processing', 'duplicate_search')),
  text_version text NOT NULL,
  -- of the very text that was shown, UTF-8
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  language text NOT NULL CHECK (language IN ('vi', 'en')),
  -- by the clock of the branch, and by ours
  given_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  ended_as text CHECK (ended_as IN ('withdrawn', 'replaced')),
  CHECK ((ended_at IS NULL) = (ended_as IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX current_consent ON consents (case_id, purpose) WHERE ended_at IS NULL;
CREATE INDEX consents_of_case ON consents (case_id, recorded_at);

GRANT SELECT, INSERT ON consents TO ekyc_app;
GRANT UPDATE (ended_at, ended_by, ended_as) ON consents TO ekyc_app;
GRANT SELECT ON consents TO ekyc_auditor;
