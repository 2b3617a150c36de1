DROP TABLE invitations;
DROP TABLE identity_keys;
DROP TABLE returned_sign_ins;
DROP TABLE provided_roles;
DROP TABLE identities;
