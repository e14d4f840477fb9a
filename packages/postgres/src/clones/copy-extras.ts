import { quoteLiteral } from '../sql/quote.ts'

/** Settings whose stored value is a list, quoted as it has to be written. */
const LISTS = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]

/**
 * SQL that gives one database what another has of its own beside its contents: `ALTER DATABASE … SET`,
 * `ALTER ROLE … IN DATABASE … SET` and `GRANT … ON DATABASE`. Whoever could do that to the one can do it to the other.
 */
export function copyExtras(from: string, to: string): string {
  const lists = LISTS.map(quoteLiteral).join(', ')
  return `DO $lanes$
DECLARE
  source constant name := ${quoteLiteral(from)};
  target constant name := ${quoteLiteral(to)};
  item record;
BEGIN
  FOR item IN
    SELECT setrole, split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
    FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = setdatabase, unnest(setconfig) entry
    WHERE datname = source
  LOOP
    EXECUTE CASE
        WHEN item.setrole = 0 THEN format('ALTER DATABASE %I', target)
        ELSE format('ALTER ROLE %I IN DATABASE %I', pg_catalog.pg_get_userbyid(item.setrole), target)
      END
      || format(' SET %s = %s', item.name,
        CASE WHEN item.name IN (${lists}) AND item.value <> '' THEN item.value ELSE quote_literal(item.value) END);
  END LOOP;
  IF (SELECT datacl FROM pg_catalog.pg_database WHERE datname = source) IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', target);
    FOR item IN
      SELECT grantee, privilege_type AS privilege, is_grantable
      FROM pg_catalog.pg_database d, pg_catalog.aclexplode(datacl) WHERE datname = source
    LOOP
      EXECUTE format('GRANT %s ON DATABASE %I TO %s', item.privilege, target,
          CASE WHEN item.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(item.grantee)) END)
        || CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
  END IF;
END $lanes$`
}
