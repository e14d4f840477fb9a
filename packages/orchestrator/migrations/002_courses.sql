CREATE TABLE courses (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  slug text NOT NULL,
  title text NOT NULL CHECK (title <> ''),
  language text NOT NULL DEFAULT 'en',
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'generating', 'ready', 'failed')),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (organization_id, slug),
  UNIQUE (id, organization_id)
);

-- Foreign keys are not bound by row-level security: with the organization in the key, a level can only hang under
-- one of its own tenant. Positions are checked at commit, so that levels can be reordered by plain updates.
CREATE TABLE sections (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  course_id uuid NOT NULL,
  position integer NOT NULL CHECK (position >= 1),
  title text NOT NULL CHECK (title <> ''),
  UNIQUE (id, organization_id),
  FOREIGN KEY (course_id, organization_id) REFERENCES courses (id, organization_id) ON DELETE CASCADE,
  CONSTRAINT sections_position UNIQUE (course_id, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE lessons (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  section_id uuid NOT NULL,
  position integer NOT NULL CHECK (position >= 1),
  title text NOT NULL CHECK (title <> ''),
  content text,
  FOREIGN KEY (section_id, organization_id) REFERENCES sections (id, organization_id) ON DELETE CASCADE,
  CONSTRAINT lessons_position UNIQUE (section_id, position) DEFERRABLE INITIALLY DEFERRED
);
