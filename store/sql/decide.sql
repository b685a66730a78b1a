-- decide, the verdict is applied: status and record in one transaction; a trigger tells the world outside.
WITH owner AS (
  SELECT id, status FROM cases WHERE id = :case_id FOR UPDATE
), done AS (
  UPDATE stages SET
    status = 'done', lease_until = NULL, finished_at = now(), error_code = NULL,
    duration_ms = extract(epoch FROM now() - started_at) * 1000, summary = CAST(:summary AS jsonb)
  FROM owner
  WHERE stages.case_id = owner.id AND stages.stage = 'decide' AND stages.generation = :generation
    AND stages.status IN ('running', 'pending') AND owner.status = ANY(:sources)
  RETURNING stages.case_id
), decided AS (
  UPDATE cases SET
    status = :target, changed_by = :actor, version = version + 1, decided_at = now(), decided_by = :actor,
    outcome = :outcome, reasons = CAST(:reasons AS jsonb), retake = :retake, policy_version = :policy_version,
    expires_at = CASE WHEN :target = 'retake' THEN now() + :retake_ttl_s * interval '1 second' END
  FROM done WHERE cases.id = done.case_id
  RETURNING cases.id, cases.attempt
), noted AS (
  INSERT INTO audit.event (actor, case_id, kind, payload)
  SELECT :actor, id, 'case_decided', jsonb_build_object(
    'attempt', attempt, 'outcome', :outcome, 'reasons', CAST(:reasons AS jsonb), 'retake', to_jsonb(CAST(:retake AS text[])),
    'policy_version', :policy_version, 'policy_sha256', :policy_sha256)
  FROM decided
)
SELECT attempt FROM decided
