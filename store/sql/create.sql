-- create, a case with its stages and its key; with an idempotency key, at most one case a key (the row is the lock).
WITH fresh AS (
  INSERT INTO cases (id, branch, reference, expires_at, changed_by)
  VALUES (:case_id, :branch, :reference, now() + :open_ttl_s * interval '1 second', :actor)
  RETURNING id
), staged AS (
  INSERT INTO stages (case_id, stage)
  SELECT id, stage FROM fresh, unnest(ARRAY['read_card', 'match_face', 'score_liveness', 'decide']) AS stage
), keyed AS (
  INSERT INTO case_keys (case_id, wrapped, kek_id) SELECT id, :wrapped, :kek_id FROM fresh
)
INSERT INTO idempotency (scope, key, request_sha256, case_id)
SELECT :idempotency_scope, :idempotency_key, :request_sha256, id FROM fresh WHERE :idempotency_key IS NOT NULL
