import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../../.changeset/', import.meta.url);
const changesets = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');

/** As `changeset version` reads them: packages and kinds of release, a line each, then what is told to users. */
const form = /^---\n(?:'@memo\/[\w-]+': (?:major|minor|patch)\n)+---\n\n\S/;

it.each(changesets)('%s can be read', (name) => {
  expect(readFileSync(new URL(name, folder), 'utf8')).toMatch(form);
});
