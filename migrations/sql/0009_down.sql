DROP TABLE id_number_index;
DROP TABLE index_keys;
