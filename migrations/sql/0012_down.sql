DROP FUNCTION count_events;
DROP TABLE tally_position;
DROP TABLE tallies;
