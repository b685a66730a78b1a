-- What a face looks like to a model, one a case, sealed by the key of the case: for the search of the same face under
-- another number. Which model made it is in plain, for templates of two models must never be compared.
CREATE TABLE face_templates (
  case_id uuid PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
  -- of the match_face stage that made it: a late result of an older one replaces nothing
  generation integer NOT NULL,
  backend text NOT NULL,
  model_sha256 text NOT NULL,
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON face_templates TO ekyc_app;
