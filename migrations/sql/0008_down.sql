CREATE OR REPLACE VIEW audit.access_log AS
  SELECT seq, at, actor, db_user, case_id, kind, payload FROM audit.event
  WHERE kind IN ('evidence_viewed', 'fields_viewed', 'case_exported', 'case_packaged', 'timeline_viewed', 'access_refused');
DROP TABLE pictures;
