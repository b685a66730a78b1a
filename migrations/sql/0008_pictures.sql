-- What a stage cut out of the evidence for people to look at; the bytes are blobs under the case's key.
-- Gone with the evidence: whatever voids a stage's result deletes its pictures in the same statement.
CREATE TABLE pictures (
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  name text NOT NULL CHECK (name ~ '^(card_front|card_back|portrait|face|still_[0-9]{2})$'),
  stage text NOT NULL CHECK (stage IN ('read_card', 'match_face', 'score_liveness')),
  generation integer NOT NULL,
  object_key text NOT NULL UNIQUE,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  width_px integer NOT NULL,
  height_px integer NOT NULL,
  time_s real,
  shows text,
  selfie_similarity real,
  card_similarity real,
  PRIMARY KEY (case_id, name)
);
GRANT SELECT, INSERT, DELETE ON pictures TO ekyc_app;

-- Opening the page of a case shows everything at once, so it is one event.
CREATE OR REPLACE VIEW audit.access_log AS
  SELECT seq, at, actor, db_user, case_id, kind, payload FROM audit.event
  WHERE kind IN ('case_viewed', 'evidence_viewed', 'picture_viewed', 'fields_viewed', 'case_exported', 'case_packaged',
    'timeline_viewed', 'access_refused');
