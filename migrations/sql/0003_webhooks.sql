-- Webhooks. Every status that the world outside should know leaves an outbox row and a delivery for each endpoint, in the
-- transaction of the change and whoever makes it: a trigger does it, so no statement can forget.
-- Payloads hold ids, codes and times, never personal data.
CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  url text NOT NULL CHECK (url ~ '^https?://'),
  kinds text[] NOT NULL CHECK (
    cardinality(kinds) > 0 AND kinds <@ ARRAY['case_decided', 'case_expired', 'case_erased']),
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Two live secrets during a rotation. Each is sealed by a key of its own, which the KEK wraps, as a case key is.
CREATE TABLE webhook_secrets (
  id uuid PRIMARY KEY,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints,
  wrapped bytea NOT NULL,
  kek_id text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE UNIQUE INDEX current_webhook_secret ON webhook_secrets (endpoint_id) WHERE expires_at IS NULL;

-- A receiver knows an event by this, however often it is sent.
ALTER TABLE outbox ADD COLUMN event_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid();
ALTER TABLE outbox DROP COLUMN delivered_at;

CREATE TABLE webhook_deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  outbox_id bigint NOT NULL REFERENCES outbox ON DELETE CASCADE,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints,
  case_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
  attempts integer NOT NULL DEFAULT 0,
  queued_at timestamptz NOT NULL DEFAULT now(),
  next_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  http_status integer,
  error_code text,
  finished_at timestamptz,
  UNIQUE (endpoint_id, outbox_id)
);
CREATE INDEX webhook_due ON webhook_deliveries (next_at) WHERE status = 'pending';
CREATE INDEX webhook_order ON webhook_deliveries (endpoint_id, case_id, outbox_id) WHERE status = 'pending';
CREATE INDEX webhook_open ON webhook_deliveries (status, queued_at) WHERE status <> 'delivered';

CREATE FUNCTION announce_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what text := CASE NEW.status WHEN 'expired' THEN 'case_expired' WHEN 'erased' THEN 'case_erased' ELSE 'case_decided' END;
BEGIN
  WITH told AS (
    INSERT INTO outbox (case_id, kind, payload)
    VALUES (NEW.id, what, jsonb_build_object('case_id', NEW.id, 'status', NEW.status, 'sequence', NEW.version)
      || CASE WHEN what = 'case_decided' THEN jsonb_build_object(
        'attempt', NEW.attempt, 'outcome', NEW.outcome, 'reasons', jsonb_path_query_array(NEW.reasons, '$[*].code'),
        'retake', to_jsonb(NEW.retake), 'policy_version', NEW.policy_version) ELSE '{}' END)
    RETURNING id
  )
  INSERT INTO webhook_deliveries (outbox_id, endpoint_id, case_id)
  SELECT told.id, endpoint.id, NEW.id FROM told, webhook_endpoints endpoint
  WHERE endpoint.active AND what = ANY(endpoint.kinds);
  RETURN NULL;
END $$;
CREATE TRIGGER announce_status AFTER UPDATE OF status ON cases FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status
    AND NEW.status IN ('approved', 'rejected', 'review', 'retake', 'expired', 'erased'))
  EXECUTE FUNCTION announce_status();

GRANT SELECT, INSERT, UPDATE ON webhook_endpoints, webhook_secrets, webhook_deliveries TO ekyc_app;
GRANT DELETE ON webhook_secrets TO ekyc_app;
GRANT SELECT ON outbox, webhook_endpoints, webhook_deliveries TO ekyc_auditor;
