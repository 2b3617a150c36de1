DROP TABLE key_activity;
