-- receive, evidence becomes current (the case row is locked by the statement before, in the same transaction).
-- Every stage that looked at this kind is voided: a result can never outlive the evidence it was made from.
WITH replaced AS (
  UPDATE blobs SET replaced_at = clock_timestamp()
  WHERE case_id = :case_id AND kind = :kind AND replaced_at IS NULL
  RETURNING sha256
), blob AS (
  -- `nothing` depends on the update above, so that the current row is replaced before the new one is unique
  INSERT INTO blobs (id, case_id, kind, object_key, sha256, size, mime, challenge_id, received_by)
  SELECT :blob_id, :case_id, :kind, :object_key, :sha256, :size, :mime, CAST(:challenge_id AS uuid), :actor
  FROM (SELECT count(*) FROM replaced) AS nothing
), answered AS (
  UPDATE challenges SET answered_at = clock_timestamp() WHERE id = CAST(:challenge_id AS uuid)
), chunks AS (
  DELETE FROM upload_chunks WHERE case_id = :case_id AND kind = :kind
), forgotten AS (
  DELETE FROM pictures WHERE case_id = :case_id AND stage = ANY(:voided) RETURNING object_key
), voided AS (
  UPDATE stages SET
    status = CASE WHEN stage = ANY(:ready) THEN 'pending' ELSE 'waiting' END,
    generation = generation + 1, attempts = 0, priority = 1, queued_at = now(), available_at = now(), rung_at = now(),
    lease_until = NULL, worker = NULL, started_at = NULL, finished_at = NULL, duration_ms = NULL,
    finding = NULL, summary = NULL, error_code = NULL
  WHERE case_id = :case_id AND stage = ANY(:voided)
), counted AS (
  UPDATE cases SET
    version = version + 1,
    fields_version = fields_version + CASE WHEN 'read_card' = ANY(:voided) THEN 1 ELSE 0 END,
    stages_left = (
      SELECT count(*) FROM stages
      WHERE case_id = :case_id AND stage <> 'decide'
        AND (stage = ANY(:voided) OR status NOT IN ('done', 'dead')))
  WHERE id = :case_id
)
INSERT INTO audit.event (actor, case_id, kind, payload)
VALUES (:actor, :case_id, 'evidence_received', jsonb_build_object(
  'kind', :kind, 'sha256', :sha256, 'size', CAST(:size AS bigint), 'mime', :mime,
  'replaced', (SELECT sha256 FROM replaced), 'voided', to_jsonb(CAST(:voided AS text[]))))
RETURNING ARRAY(SELECT object_key FROM forgotten) AS forgotten
