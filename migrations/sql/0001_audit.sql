-- The audit chain: append-only and ordered without trust in the application.
-- Clients insert four columns; a trigger takes the lock on the head of the chain and sets order, time, database user
-- and hash. Take that lock last in a transaction: it serialises all writers.
-- Payloads hold references, hashes, scores and versions, never personal data, so that erasure never breaks the chain.
CREATE TABLE audit.chain_head (
  chain text PRIMARY KEY,
  seq bigint NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO audit.chain_head VALUES ('main', 0, '\x00');

CREATE TABLE audit.event (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  db_user text NOT NULL,
  case_id uuid,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL
);
CREATE INDEX event_of_case ON audit.event (case_id, seq);

-- Heads of the chain as they were published outside the database; a superuser can rewrite the chain, not these.
CREATE TABLE audit.anchor (
  seq bigint PRIMARY KEY,
  hash bytea NOT NULL,
  anchored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION audit.digest(
  seq bigint, at timestamptz, actor text, db_user text, case_id uuid, kind text, payload jsonb, prev bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(
    seq, (extract(epoch FROM at) * 1000000)::bigint, actor, db_user, case_id, kind, payload, encode(prev, 'hex')
  )::text, 'UTF8'))
$$;

CREATE FUNCTION audit.append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, audit AS $$
DECLARE
  head audit.chain_head;
BEGIN
  SELECT * INTO head FROM audit.chain_head WHERE chain = 'main' FOR UPDATE;
  NEW.seq := head.seq + 1;
  NEW.at := clock_timestamp();
  NEW.db_user := session_user;
  NEW.prev_hash := head.hash;
  NEW.hash := audit.digest(
    NEW.seq, NEW.at, NEW.actor, NEW.db_user, NEW.case_id, NEW.kind, NEW.payload, NEW.prev_hash
  );
  UPDATE audit.chain_head SET seq = NEW.seq, hash = NEW.hash WHERE chain = 'main';
  RETURN NEW;
END $$;
CREATE TRIGGER append BEFORE INSERT ON audit.event FOR EACH ROW EXECUTE FUNCTION audit.append();

CREATE FUNCTION audit.forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit.event FOR EACH ROW EXECUTE FUNCTION audit.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION audit.forbid();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit.anchor FOR EACH ROW EXECUTE FUNCTION audit.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.anchor FOR EACH STATEMENT EXECUTE FUNCTION audit.forbid();

-- Walks the whole chain: the first row that does not follow from the one before it, or a tail that was cut off.
CREATE FUNCTION audit.verify() RETURNS TABLE (checked bigint, first_bad bigint, reason text) LANGUAGE sql STABLE AS $$
  WITH chained AS (
    SELECT *, lag(hash, 1, '\x00'::bytea) OVER (ORDER BY seq) AS want_prev, row_number() OVER (ORDER BY seq) AS place
    FROM audit.event
  ), bad AS (
    SELECT seq, CASE
      WHEN seq <> place THEN 'gap'
      WHEN prev_hash <> want_prev THEN 'broken link'
      ELSE 'row altered' END AS reason
    FROM chained
    WHERE seq <> place OR prev_hash <> want_prev
      OR hash <> audit.digest(seq, at, actor, db_user, case_id, kind, payload, prev_hash)
    ORDER BY seq LIMIT 1
  ), cut AS (
    SELECT head.seq, 'tail cut off' AS reason FROM audit.chain_head head
    LEFT JOIN (SELECT seq, hash FROM audit.event ORDER BY seq DESC LIMIT 1) last ON true
    WHERE head.seq <> coalesce(last.seq, 0) OR head.hash <> coalesce(last.hash, '\x00'::bytea)
  ), moved AS (
    SELECT anchor.seq, 'differs from its anchor' AS reason
    FROM audit.anchor LEFT JOIN audit.event USING (seq)
    WHERE event.hash IS DISTINCT FROM anchor.hash ORDER BY anchor.seq LIMIT 1
  ), worst AS (
    SELECT * FROM bad UNION ALL SELECT * FROM cut UNION ALL SELECT * FROM moved LIMIT 1
  )
  SELECT (SELECT count(*) FROM chained), (SELECT seq FROM worst), (SELECT reason FROM worst)
$$;

GRANT INSERT (actor, case_id, kind, payload) ON audit.event TO ekyc_app;
GRANT SELECT (seq, hash) ON audit.event TO ekyc_app;
GRANT SELECT ON audit.event, audit.chain_head, audit.anchor TO ekyc_auditor;
GRANT INSERT (seq, hash) ON audit.anchor TO ekyc_auditor;

-- What auditors ask for most.
CREATE VIEW audit.case_timeline AS
  SELECT case_id, seq, at, actor, kind, payload FROM audit.event WHERE case_id IS NOT NULL ORDER BY case_id, seq;
CREATE VIEW audit.access_log AS
  SELECT seq, at, actor, case_id, kind, payload FROM audit.event WHERE kind IN ('evidence_viewed', 'case_exported');
GRANT SELECT ON audit.case_timeline, audit.access_log TO ekyc_auditor;
