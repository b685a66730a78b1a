ALTER TABLE pictures DROP COLUMN band;
DROP TABLE review_claims;
