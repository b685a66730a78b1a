-- What auditors look at. They read and only read; anchors are kept by a function that nobody can call with a lie.
REVOKE INSERT ON audit.anchor FROM ekyc_auditor;

-- The head of the chain now, noted here and returned, so that it can be signed and kept elsewhere.
CREATE FUNCTION audit.keep_anchor() RETURNS TABLE (head_seq bigint, head_hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, audit AS $$
  WITH head AS (
    SELECT seq, hash FROM audit.chain_head WHERE chain = 'main' AND seq > 0
  ), kept AS (
    INSERT INTO audit.anchor (seq, hash) SELECT seq, hash FROM head ON CONFLICT DO NOTHING
  )
  SELECT seq, hash FROM head
$$;
REVOKE EXECUTE ON FUNCTION audit.keep_anchor() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.keep_anchor() TO ekyc_app;
GRANT SELECT (at) ON audit.event TO ekyc_app;
GRANT SELECT (seq) ON audit.anchor TO ekyc_app;

-- Every policy that decided a case, as text whose hash is its name: a threshold changed under an old version shows.
CREATE TABLE audit.policy (
  sha256 text PRIMARY KEY,
  version text NOT NULL,
  canonical text NOT NULL CHECK (encode(sha256(convert_to(canonical, 'UTF8')), 'hex') = sha256),
  first_used_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit.policy FOR EACH ROW EXECUTE FUNCTION audit.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.policy FOR EACH STATEMENT EXECUTE FUNCTION audit.forbid();
GRANT INSERT (sha256, version, canonical), SELECT (sha256, version) ON audit.policy TO ekyc_app;
GRANT SELECT ON audit.policy TO ekyc_auditor;

CREATE INDEX event_of_kind ON audit.event (kind, seq);

-- Who saw what of a person, and who tried.
DROP VIEW audit.access_log;
CREATE VIEW audit.access_log AS
  SELECT seq, at, actor, db_user, case_id, kind, payload FROM audit.event
  WHERE kind IN ('evidence_viewed', 'fields_viewed', 'case_exported', 'case_packaged', 'timeline_viewed', 'access_refused');

-- Each verdict with all it rests on: taken from the events before it, so it can neither be changed nor erased.
CREATE VIEW audit.decision_evidence AS
  SELECT
    decision.case_id, decision.seq, decision.at, decision.actor AS decided_by,
    CASE decision.kind WHEN 'case_decided' THEN decision.payload ->> 'outcome'
      ELSE CASE decision.payload ->> 'event' WHEN 'reviewer_approves' THEN 'approved' WHEN 'reviewer_rejects' THEN 'rejected'
        ELSE 'retake' END END AS outcome,
    decision.kind = 'review_recorded' AS by_a_person,
    ARRAY(SELECT reason ->> 'code' FROM jsonb_array_elements(coalesce(decision.payload -> 'reasons', '[]')) AS reason) AS reasons,
    decision.payload ->> 'policy_version' AS policy_version,
    decision.payload ->> 'policy_sha256' AS policy_sha256,
    (SELECT jsonb_object_agg(latest.kind, latest.sha256) FROM (
      SELECT DISTINCT ON (payload ->> 'kind') payload ->> 'kind' AS kind, payload ->> 'sha256' AS sha256
      FROM audit.event WHERE case_id = decision.case_id AND seq < decision.seq AND kind = 'evidence_received'
      ORDER BY payload ->> 'kind', seq DESC) AS latest) AS evidence,
    (SELECT jsonb_object_agg(latest.stage, latest.summary) FROM (
      SELECT DISTINCT ON (payload ->> 'stage') payload ->> 'stage' AS stage,
        coalesce(payload -> 'summary', jsonb_build_object('dead', payload ->> 'error')) AS summary
      FROM audit.event WHERE case_id = decision.case_id AND seq < decision.seq AND kind IN ('stage_done', 'stage_dead')
      ORDER BY payload ->> 'stage', seq DESC) AS latest) AS stages
  FROM audit.event AS decision
  WHERE decision.kind = 'case_decided'
    OR (decision.kind = 'review_recorded' AND (decision.payload ->> 'effective')::boolean);

CREATE VIEW audit.policy_history AS
  SELECT policy.version, policy.sha256, policy.first_used_at, used.actor AS first_used_by, used.seq,
    policy.canonical::jsonb AS policy,
    (SELECT count(*) FROM audit.event WHERE kind = 'case_decided' AND payload ->> 'policy_sha256' = policy.sha256) AS verdicts
  FROM audit.policy LEFT JOIN audit.event AS used
    ON used.kind = 'policy_first_used' AND used.payload ->> 'sha256' = policy.sha256;

GRANT SELECT ON audit.access_log, audit.decision_evidence, audit.policy_history TO ekyc_auditor;

-- The path of a receiver's URL may hold a token.
REVOKE SELECT ON webhook_endpoints FROM ekyc_auditor;
GRANT SELECT (id, kinds, active, created_at) ON webhook_endpoints TO ekyc_auditor;
