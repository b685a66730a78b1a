-- Running totals for operations, taken from the audit chain: each event is counted once, for the position is advanced in
-- the transaction that counts. A scrape then reads a few hundred rows instead of scanning all cases.
CREATE TABLE tallies (
  name text NOT NULL,
  labels jsonb NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (name, labels)
);
CREATE TABLE tally_position (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  seq bigint NOT NULL
);
INSERT INTO tally_position (seq) VALUES (0);

-- The audit log belongs to auditors; who scrapes may only have it counted.
CREATE FUNCTION count_events(at_most bigint, buckets_s double precision[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  first bigint;
  last bigint;
BEGIN
  SELECT seq INTO first FROM tally_position FOR UPDATE SKIP LOCKED;
  IF first IS NULL THEN
    RETURN 0;  -- somebody else is counting
  END IF;
  SELECT least(seq, first + at_most) INTO last FROM audit.chain_head WHERE chain = 'main';
  IF last <= first THEN
    RETURN 0;
  END IF;
  WITH fresh AS (
    SELECT * FROM audit.event WHERE seq > first AND seq <= last
  ), timed AS (
    SELECT 'stage_seconds' AS name, payload ->> 'stage' AS of,
      (payload ->> 'duration_ms')::double precision / 1000 AS took_s
    FROM fresh WHERE kind = 'stage_done'
    UNION ALL
    SELECT 'case_seconds', payload ->> 'outcome', extract(epoch FROM fresh.at - c.submitted_at)
    FROM fresh JOIN cases c ON c.id = fresh.case_id
    WHERE kind = 'case_decided' AND c.submitted_at IS NOT NULL AND c.submitted_at <= fresh.at
  ), counted (name, labels, value) AS (
    SELECT name || '_bucket', jsonb_build_object('of', of, 'le', edge), count(*) FILTER (WHERE took_s <= edge)
    FROM timed, unnest(buckets_s) AS edge GROUP BY name, of, edge
    UNION ALL
    SELECT name || '_count', jsonb_build_object('of', of), count(*) FROM timed GROUP BY name, of
    UNION ALL
    SELECT name || '_sum', jsonb_build_object('of', of), sum(took_s) FROM timed GROUP BY name, of
    UNION ALL
    SELECT 'stage_failures', jsonb_build_object('stage', payload ->> 'stage', 'error', payload ->> 'error'), count(*)
    FROM fresh WHERE kind IN ('stage_failed', 'stage_dead') GROUP BY 2
    UNION ALL
    SELECT 'stages_dead', jsonb_build_object('stage', payload ->> 'stage'), count(*)
    FROM fresh WHERE kind = 'stage_dead' GROUP BY 2
    UNION ALL
    SELECT 'verdicts', jsonb_build_object('outcome', payload ->> 'outcome'), count(*)
    FROM fresh WHERE kind = 'case_decided' GROUP BY 2
    UNION ALL
    SELECT 'reasons', jsonb_build_object('code', reason ->> 'code', 'weight', reason ->> 'weight'), count(*)
    FROM fresh, jsonb_array_elements(payload -> 'reasons') AS reason WHERE kind = 'case_decided' GROUP BY 2
    UNION ALL
    SELECT 'reviews', jsonb_build_object('event', payload ->> 'event'), count(*)
    FROM fresh WHERE kind = 'review_recorded' GROUP BY 2
    UNION ALL
    SELECT 'cases_opened', '{}'::jsonb, count(*) FROM fresh WHERE kind = 'case_opened'
    UNION ALL
    SELECT 'events', jsonb_build_object('kind', kind), count(*) FROM fresh GROUP BY 2
  )
  INSERT INTO tallies SELECT name, labels, value FROM counted WHERE value > 0
  ON CONFLICT (name, labels) DO UPDATE SET value = tallies.value + excluded.value;
  UPDATE tally_position SET seq = last;
  RETURN last - first;
END $$;
REVOKE ALL ON FUNCTION count_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_events TO ekyc_app;
GRANT SELECT, INSERT, UPDATE ON tallies TO ekyc_app;
