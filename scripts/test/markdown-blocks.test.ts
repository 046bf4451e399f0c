import { describe, expect, it } from 'vitest';
import { blocksOf } from '../markdown-blocks.mjs';

const markdown = (...lines: readonly string[]): string => lines.join('\n');

describe('the blocks of a Markdown file', () => {
  it('are those fenced as ts, with the line they begin at, without the indentation of a list', () => {
    const text = markdown(
      '# A',
      '```ts',
      'a();',
      '```',
      '```sh',
      'b',
      '```',
      '1. c',
      '   ```ts',
      '   if (c) {',
      '     d();',
      '   ```',
    );
    expect(blocksOf('a.md', text).map((block) => [block.line, block.text])).toEqual([
      [3, 'a();'],
      [10, 'if (c) {\n  d();'],
    ]);
  });

  it('leave out what stands inside a longer fence', () => {
    expect(blocksOf('a.md', markdown('````md', '```ts', 'a();', '```', '````', 'b'))).toEqual([]);
  });

  it('name the modules they use and the block they continue', () => {
    const text = markdown(
      '<!-- with: user -->',
      '',
      '```ts',
      'a();',
      '```',
      '<!-- continues -->',
      '```ts',
      'b();',
      '```',
    );
    const [first, second] = blocksOf('a.md', text);
    expect(first?.preambles).toEqual(['user']);
    expect(first?.continued).toBeUndefined();
    expect(second?.continued).toBe(first);
  });

  it('may say why they do not run, where readers see it too', () => {
    const said = markdown('It needs a *browser*.', '', '<!-- not run: needs a browser -->', '```ts', 'a();', '```');
    expect(blocksOf('a.md', said)[0]?.notRun).toBe('needs a browser');
    const unsaid = markdown('<!-- not run: needs a browser -->', '```ts', 'a();', '```');
    expect(() => blocksOf('a.md', unsaid)).toThrow(
      'a.md:2: the reason "needs a browser" must also stand in the text near the block',
    );
  });

  it('have one name for their language', () => {
    expect(() => blocksOf('a.md', markdown('```typescript', 'a();', '```'))).toThrow(
      'a.md:1: write ```ts instead of typescript',
    );
  });
});
