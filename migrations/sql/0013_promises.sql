-- A clip may arrive long after its challenge expired, if its digest came in time: nothing can be made up afterwards.
ALTER TABLE challenges ADD COLUMN promised_sha256 text CHECK (promised_sha256 ~ '^[0-9a-f]{64}$');
ALTER TABLE challenges ADD COLUMN promised_at timestamptz;
