DROP TABLE audit_entries;
DROP TABLE changes;
DROP TABLE head;
