-- complete, the result of an engine stage, with the fan-in: who brings stages_left to 0 starts `decide`.
-- The first finisher of a generation wins; a second one, or one of an old generation, finds no row.
-- Lock order everywhere: the case, then its stages, then the head of the audit chain.
WITH owner AS (
  SELECT id FROM cases WHERE id = :case_id FOR UPDATE
), done AS (
  UPDATE stages SET
    status = 'done', lease_until = NULL, finished_at = now(), duration_ms = :duration_ms,
    finding = :finding, summary = CAST(:summary AS jsonb), error_code = NULL
  FROM owner
  WHERE stages.case_id = owner.id AND stages.stage = :stage AND stages.generation = :generation
    AND stages.status IN ('running', 'pending')
  RETURNING stages.case_id, stages.attempts
), counted AS (
  UPDATE cases SET
    stages_left = stages_left - 1, version = version + 1,
    fields_version = fields_version + CASE WHEN :stage = 'read_card' THEN 1 ELSE 0 END
  FROM done WHERE cases.id = done.case_id
  RETURNING cases.id, cases.status, cases.stages_left
), decision AS (
  -- The condition looks at the locked case alone: the decide row of this statement's snapshot may be an old one.
  UPDATE stages SET
    status = CASE WHEN stages.status = 'waiting' THEN 'pending' ELSE stages.status END,
    queued_at = now(), available_at = now(), rung_at = now()
  FROM counted
  WHERE stages.case_id = counted.id AND stages.stage = 'decide'
    AND counted.stages_left = 0 AND counted.status = 'processing'
  RETURNING stages.case_id
), shown AS (
  INSERT INTO pictures (case_id, stage, generation, name, object_key, sha256, width_px, height_px, time_s, shows,
    selfie_similarity, card_similarity, band)
  SELECT done.case_id, :stage, :generation, new.*
  FROM done, jsonb_to_recordset(CAST(:pictures AS jsonb)) AS new (
    name text, object_key text, sha256 text, width_px integer, height_px integer, time_s real, shows text,
    selfie_similarity real, card_similarity real, band text)
), noted AS (
  INSERT INTO audit.event (actor, case_id, kind, payload)
  SELECT 'worker:' || :worker, case_id, 'stage_done', jsonb_build_object(
    'stage', :stage, 'generation', :generation, 'attempt', attempts, 'duration_ms', round(:duration_ms),
    'summary', CAST(:summary AS jsonb))
  FROM done
)
SELECT EXISTS (SELECT FROM decision) AS ring_decide FROM done
