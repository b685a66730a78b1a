DROP TRIGGER announce_status ON cases;
DROP FUNCTION announce_status();
DROP TABLE webhook_deliveries, webhook_secrets, webhook_endpoints;
REVOKE SELECT ON outbox FROM ekyc_auditor;
ALTER TABLE outbox DROP COLUMN event_id;
ALTER TABLE outbox ADD COLUMN delivered_at timestamptz;
CREATE INDEX outbox_due ON outbox (id) WHERE delivered_at IS NULL;
