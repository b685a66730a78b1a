-- claim, a worker takes rows that wait for work: pending ones, and running ones whose lease has ended.
-- The attempt is counted before the work, so that a stage that kills its process is counted too.
WITH due AS (
  SELECT case_id, stage FROM stages
  WHERE stage = :stage AND attempts < :max_attempts
    AND (CAST(:case_id AS uuid) IS NULL OR case_id = CAST(:case_id AS uuid))
    AND ((status = 'pending' AND available_at <= now())
      OR (status = 'running' AND (lease_until < now() OR :takeover)))
  ORDER BY priority, queued_at
  LIMIT :limit
  FOR UPDATE SKIP LOCKED
)
UPDATE stages SET
  status = 'running', attempts = attempts + 1, changes = changes + 1, worker = :worker,
  lease_until = now() + :lease_s * interval '1 second', started_at = now(), error_code = NULL
FROM due JOIN case_keys USING (case_id)
WHERE stages.case_id = due.case_id AND stages.stage = due.stage
RETURNING stages.case_id, stages.generation, stages.attempts, case_keys.wrapped, case_keys.kek_id
