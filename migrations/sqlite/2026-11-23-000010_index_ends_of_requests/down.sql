DROP INDEX requests_by_end;
