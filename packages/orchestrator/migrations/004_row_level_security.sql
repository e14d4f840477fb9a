-- Outside a transaction that set it, the setting is null or empty: then no row is visible.
CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('app.organization_id', true), '')::uuid
$$;

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY organizations_own ON organizations TO app_user
  USING (id = current_organization());

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_own ON members TO app_user
  USING (organization_id = current_organization());

ALTER TABLE courses ENABLE ROW LEVEL SECURITY;
CREATE POLICY courses_own ON courses TO app_user
  USING (organization_id = current_organization());

ALTER TABLE sections ENABLE ROW LEVEL SECURITY;
CREATE POLICY sections_own ON sections TO app_user
  USING (organization_id = current_organization());

ALTER TABLE lessons ENABLE ROW LEVEL SECURITY;
CREATE POLICY lessons_own ON lessons TO app_user
  USING (organization_id = current_organization());

-- Tenants read their jobs; the workers, which own the tables, write them.
ALTER TABLE job_status ENABLE ROW LEVEL SECURITY;
CREATE POLICY job_status_own ON job_status FOR SELECT TO app_user
  USING (organization_id = current_organization());

ALTER TABLE job_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY job_events_own ON job_events FOR SELECT TO app_user
  USING (organization_id = current_organization());

GRANT SELECT ON organizations, job_status, job_events TO app_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON members, courses, sections, lessons TO app_user;
