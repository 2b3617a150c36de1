DROP TABLE adjustments;
DROP TABLE key_secrets;
DROP TABLE virtual_keys;
