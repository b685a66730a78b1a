ALTER TABLE challenges DROP COLUMN promised_at;
ALTER TABLE challenges DROP COLUMN promised_sha256;
