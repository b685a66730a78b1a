-- The same number in another case: found by a keyed hash, never by the number. The key is drawn once, wrapped by the KEK.
CREATE TABLE index_keys (
  name text PRIMARY KEY,
  wrapped bytea NOT NULL,
  kek_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE id_number_index (
  case_id uuid PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
  mac bytea NOT NULL CHECK (length(mac) = 32),
  indexed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX id_number_by_mac ON id_number_index (mac);

GRANT SELECT, INSERT, UPDATE ON index_keys TO ekyc_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON id_number_index TO ekyc_app;
