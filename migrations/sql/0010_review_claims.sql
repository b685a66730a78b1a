-- Who is deciding a case in review, so that two people do not look at the same one. One that has ended counts for nothing.
CREATE TABLE review_claims (
  case_id uuid PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
  claimed_by text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON review_claims TO ekyc_app;

-- How sure the comparison of a still's face is; what a similarity means is known to the model that made it alone.
ALTER TABLE pictures ADD COLUMN band text CHECK (band IN ('match', 'review', 'no_match'));
