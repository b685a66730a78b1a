DROP INDEX cases_by_end;
DROP INDEX consents_withdrawn;
DROP INDEX biometrics_by_age;
DROP TABLE legal_holds;
