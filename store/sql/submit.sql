-- submit, a case starts to be judged.
-- Refused (no row) unless the version is the one that was checked: evidence or a reading may have come in between.
WITH submitted AS (
  UPDATE cases SET
    status = :target, changed_by = :actor, version = version + 1, attempt = attempt + 1,
    submitted_at = now(), expires_at = NULL, decided_at = NULL, decided_by = NULL,
    outcome = NULL, reasons = '[]', retake = '{}', policy_version = NULL
  WHERE id = :case_id AND status = ANY(:sources) AND version = :version
  RETURNING id, attempt, stages_left
), hurried AS (
  -- the customer waits now
  UPDATE stages SET priority = 0 FROM submitted
  WHERE stages.case_id = submitted.id AND stages.stage <> 'decide'
), decision AS (
  UPDATE stages SET
    status = CASE WHEN submitted.stages_left = 0 THEN 'pending' ELSE 'waiting' END,
    generation = generation + 1, attempts = 0, priority = 0, queued_at = now(), available_at = now(), rung_at = now(),
    lease_until = NULL, worker = NULL, started_at = NULL, finished_at = NULL, duration_ms = NULL,
    finding = NULL, summary = NULL, error_code = NULL
  FROM submitted
  WHERE stages.case_id = submitted.id AND stages.stage = 'decide'
), noted AS (
  INSERT INTO audit.event (actor, case_id, kind, payload)
  SELECT :actor, id, 'case_submitted', jsonb_build_object('attempt', attempt) FROM submitted
)
SELECT stages_left = 0 AS ring_decide FROM submitted
