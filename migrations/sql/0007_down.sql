DROP INDEX cases_queue, cases_queue_of_branch, cases_by_reason, stages_dead;
CREATE OR REPLACE FUNCTION record_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text := coalesce(NEW.changed_by, 'db:' || session_user);
BEGIN
  NEW.changed_by := NULL;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_opened', jsonb_build_object('status', NEW.status, 'branch', NEW.branch));
  ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_status', jsonb_build_object(
      'from', OLD.status, 'to', NEW.status, 'attempt', NEW.attempt));
  END IF;
  RETURN NEW;
END $$;
ALTER TABLE cases DROP COLUMN status_since;
DROP TABLE sign_in_failures, user_sessions, users;
