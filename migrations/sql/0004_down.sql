DROP VIEW audit.policy_history, audit.decision_evidence, audit.access_log;
DROP INDEX audit.event_of_kind;
DROP TABLE audit.policy;
DROP FUNCTION audit.keep_anchor();
REVOKE SELECT (at) ON audit.event FROM ekyc_app;
REVOKE SELECT (seq) ON audit.anchor FROM ekyc_app;
GRANT INSERT (seq, hash) ON audit.anchor TO ekyc_auditor;
CREATE VIEW audit.access_log AS
  SELECT seq, at, actor, case_id, kind, payload FROM audit.event WHERE kind IN ('evidence_viewed', 'case_exported');
GRANT SELECT ON audit.access_log TO ekyc_auditor;
REVOKE SELECT (id, kinds, active, created_at) ON webhook_endpoints FROM ekyc_auditor;
GRANT SELECT ON webhook_endpoints TO ekyc_auditor;
