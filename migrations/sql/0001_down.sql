-- Roles stay: they belong to the cluster and other databases may use them.
DROP SCHEMA audit CASCADE;
DROP TABLE worker_heartbeats, outbox, api_keys, idempotency, reviews, field_edits, clip_hashes, challenges,
  upload_chunks, blobs, case_keys, stages, cases CASCADE;
DROP FUNCTION record_status();
REVOKE ALL ON SCHEMA public FROM ekyc_owner;
REVOKE USAGE ON SCHEMA public FROM ekyc_app, ekyc_auditor;
