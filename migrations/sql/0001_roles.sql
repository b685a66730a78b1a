-- ekyc_owner owns everything, ekyc_app is what gateway and workers are, ekyc_auditor reads the record.
-- Roles belong to the cluster: a production cluster may have made them beforehand, two databases may share them.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['ekyc_owner', 'ekyc_app', 'ekyc_auditor'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END $$;

CREATE SCHEMA audit AUTHORIZATION ekyc_owner;
GRANT CREATE, USAGE ON SCHEMA public TO ekyc_owner;
GRANT USAGE ON SCHEMA public, audit TO ekyc_app, ekyc_auditor;
