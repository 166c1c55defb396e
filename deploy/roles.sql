-- Purpose: the database of one registry and its two roles, on a new PostgreSQL (15 to 18), run once by its superuser in psql:
--   MENGFU_OWNER_PASSWORD=... MENGFU_SERVICE_PASSWORD=... psql -v ON_ERROR_STOP=1 -f deploy/roles.sql
-- mengfu_owner owns the database and migrates. mengfu_service may connect, and gets the rest from the migrations.
-- The passwords come from the environment, so that they stand in no file and on no command line.
\set ON_ERROR_STOP on
\getenv owner_password MENGFU_OWNER_PASSWORD
\getenv service_password MENGFU_SERVICE_PASSWORD

-- The statements below would be written to the log, passwords in them, if one of them failed or statements were logged.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';

create role mengfu_owner login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
  password :'owner_password';
create role mengfu_service login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
  password :'service_password';

-- Locale C as in the embedded PostgreSQL: text sorts the same everywhere, and no upgrade of a C library breaks an index.
create database mengfu owner mengfu_owner template template0 encoding 'UTF8' locale 'C';

-- CONNECT and TEMPORARY are granted to everyone by default.
revoke all on database mengfu from public;
grant connect on database mengfu to mengfu_service;
