DROP TABLE deployments;
DROP TABLE credentials;
