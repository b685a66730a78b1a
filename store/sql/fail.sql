-- fail, an attempt ended with an error of ours: again after a pause, or dead when the attempts are used up.
-- A dead engine stage counts as left, so that `decide` sends the case to a person; so does a dead `decide` itself.
WITH owner AS (
  SELECT id FROM cases WHERE id = :case_id FOR UPDATE
), failed AS (
  UPDATE stages SET
    status = CASE WHEN stages.attempts < :max_attempts THEN 'pending' ELSE 'dead' END,
    lease_until = NULL, error_code = :error_code,
    available_at = now() + :pause_s * stages.attempts * interval '1 second',
    rung_at = now() + :pause_s * stages.attempts * interval '1 second',
    finished_at = CASE WHEN stages.attempts < :max_attempts THEN NULL ELSE now() END
  FROM owner
  WHERE stages.case_id = owner.id AND stages.stage = :stage AND stages.generation = :generation
    AND stages.attempts = :attempt AND stages.status = 'running'
  RETURNING stages.case_id, stages.status = 'dead' AS dead
), counted AS (
  UPDATE cases SET
    version = version + 1,
    stages_left = stages_left - CASE WHEN failed.dead AND :stage <> 'decide' THEN 1 ELSE 0 END,
    status = CASE WHEN failed.dead AND :stage = 'decide' AND cases.status = ANY(:sources) THEN :target
      ELSE cases.status END,
    changed_by = 'worker:' || :worker,
    outcome = CASE WHEN failed.dead AND :stage = 'decide' THEN :target ELSE outcome END,
    reasons = CASE WHEN failed.dead AND :stage = 'decide' THEN CAST(:reasons AS jsonb) ELSE reasons END,
    decided_at = CASE WHEN failed.dead AND :stage = 'decide' THEN now() ELSE decided_at END,
    decided_by = CASE WHEN failed.dead AND :stage = 'decide' THEN 'worker:' || :worker ELSE decided_by END,
    policy_version = CASE WHEN failed.dead AND :stage = 'decide' THEN :policy_version ELSE policy_version END
  FROM failed WHERE cases.id = failed.case_id
  RETURNING cases.id, cases.status, cases.stages_left, failed.dead
), decision AS (
  UPDATE stages SET
    status = CASE WHEN stages.status = 'waiting' THEN 'pending' ELSE stages.status END,
    queued_at = now(), available_at = now(), rung_at = now()
  FROM counted
  WHERE stages.case_id = counted.id AND stages.stage = 'decide' AND :stage <> 'decide'
    AND counted.dead AND counted.stages_left = 0 AND counted.status = 'processing'
  RETURNING stages.case_id
), noted AS (
  INSERT INTO audit.event (actor, case_id, kind, payload)
  SELECT 'worker:' || :worker, case_id, CASE WHEN dead THEN 'stage_dead' ELSE 'stage_failed' END,
    jsonb_build_object('stage', :stage, 'generation', :generation, 'attempt', :attempt, 'error', :error_code)
  FROM failed
)
SELECT dead, EXISTS (SELECT FROM decision) AS ring_decide FROM failed
