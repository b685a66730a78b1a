-- sweep, rows that wait too long are rung again; rows whose lease ended wait again, or are dead after their last attempt.
-- Takes only rows (and cases) that nobody holds, so any number of sweepers and workers at once are harmless.
WITH due AS (
  SELECT stages.case_id, stages.stage, stages.status = 'running' AND stages.attempts >= :max_attempts AS dead,
    stages.status = 'running' AS held
  FROM stages JOIN cases ON cases.id = stages.case_id
  WHERE (stages.status = 'running' AND stages.lease_until < now())
    OR (stages.status = 'pending' AND stages.rung_at < now() - :grace_s * interval '1 second'
      AND stages.available_at <= now())
  ORDER BY stages.priority, stages.queued_at
  LIMIT :limit
  FOR UPDATE OF cases, stages SKIP LOCKED
), moved AS (
  UPDATE stages SET
    status = CASE WHEN due.dead THEN 'dead' ELSE 'pending' END,
    changes = changes + 1, rung_at = now(), lease_until = NULL,
    error_code = CASE WHEN stages.status = 'running' THEN 'lease_ended' ELSE stages.error_code END,
    finished_at = CASE WHEN due.dead THEN now() ELSE stages.finished_at END
  FROM due
  WHERE stages.case_id = due.case_id AND stages.stage = due.stage
  RETURNING stages.case_id, stages.stage, stages.attempts, stages.generation, due.dead, due.held
), lost AS (
  SELECT case_id, count(*) FILTER (WHERE stage <> 'decide') AS engines, bool_or(stage = 'decide') AS undecided
  FROM moved WHERE dead GROUP BY case_id
), counted AS (
  UPDATE cases SET
    version = version + 1, stages_left = stages_left - lost.engines, changed_by = 'sweeper',
    status = CASE WHEN lost.undecided AND cases.status = ANY(:sources) THEN :target ELSE cases.status END,
    outcome = CASE WHEN lost.undecided THEN :target ELSE outcome END,
    reasons = CASE WHEN lost.undecided THEN CAST(:reasons AS jsonb) ELSE reasons END,
    decided_at = CASE WHEN lost.undecided THEN now() ELSE decided_at END,
    decided_by = CASE WHEN lost.undecided THEN 'sweeper' ELSE decided_by END,
    policy_version = CASE WHEN lost.undecided THEN :policy_version ELSE policy_version END
  FROM lost WHERE cases.id = lost.case_id
  RETURNING cases.id, cases.status, cases.stages_left, lost.undecided
), decision AS (
  UPDATE stages SET
    status = CASE WHEN stages.status = 'waiting' THEN 'pending' ELSE stages.status END,
    queued_at = now(), available_at = now(), rung_at = now()
  FROM counted
  WHERE stages.case_id = counted.id AND stages.stage = 'decide' AND NOT counted.undecided
    AND counted.stages_left = 0 AND counted.status = 'processing'
  RETURNING stages.case_id, stages.stage
), noted AS (
  INSERT INTO audit.event (actor, case_id, kind, payload)
  SELECT 'sweeper', case_id, 'stage_dead', jsonb_build_object(
    'stage', stage, 'generation', generation, 'attempt', attempts, 'error', 'lease_ended')
  FROM moved WHERE dead
)
SELECT case_id, stage, dead, held FROM moved
UNION ALL
SELECT case_id, stage, false, false FROM decision
