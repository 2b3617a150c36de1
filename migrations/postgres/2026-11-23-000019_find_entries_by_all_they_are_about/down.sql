DROP TABLE audit_objects;
