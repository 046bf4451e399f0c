/** The TypeScript blocks of a Markdown file, with what the comments directly above each say about it. */

/**
 * @typedef {object} Block
 * @property {string} file the Markdown file
 * @property {number} line line of the block's first line in that file, from 1
 * @property {string} text
 * @property {string | undefined} notRun why it cannot run, from `<!-- not run: reason -->`
 * @property {string[]} preambles modules of docs/blocks/ whose exports it uses, from `<!-- with: name -->`
 * @property {Block | undefined} continued the block above, if it goes on where that ends, from `<!-- continues -->`
 */

/**
 * @param {string} file
 * @param {string} markdown
 * @returns {Block[]}
 */
export function blocksOf(file, markdown) {
  const lines = markdown.split('\n');
  /** @type {Block[]} */
  const blocks = [];
  for (let index = 0; index < lines.length; index++) {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[index] ?? '');
    if (!fence) continue;
    const [, indent = '', marker = '', info = ''] = fence;
    const end = endOf(lines, index, marker);
    const language = info.trim();
    if (/^(typescript|tsx|mts)\b/.test(language))
      throw new Error(`${file}:${index + 1}: write \`\`\`ts instead of ${language}`);
    if (language === 'ts') {
      const comments = commentsAbove(lines, index);
      const text = lines
        .slice(index + 1, end)
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
      const notRun = valueOf(comments, 'not run');
      if (notRun !== undefined) requireVisible(file, lines, index, end, notRun);
      blocks.push({
        file,
        line: index + 2,
        text: text.join('\n'),
        notRun,
        preambles: comments.filter((comment) => comment.startsWith('with:')).map((comment) => comment.slice(5).trim()),
        continued: comments.includes('continues') ? blocks.at(-1) : undefined,
      });
    }
    index = end;
  }
  return blocks;
}

/** @param {readonly string[]} lines @param {number} start @param {string} marker */
function endOf(lines, start, marker) {
  const end = lines.findIndex(
    (line, index) => index > start && line.trim().startsWith(marker) && !/[^`~]/.test(line.trim()),
  );
  return end < 0 ? lines.length : end;
}

/** Contents of the HTML comments directly above a line. @param {readonly string[]} lines @param {number} index */
function commentsAbove(lines, index) {
  const comments = [];
  for (let above = index - 1; above >= 0; above--) {
    const line = lines[above]?.trim() ?? '';
    const comment = /^<!--(.*)-->$/.exec(line);
    if (comment) comments.push((comment[1] ?? '').trim());
    else if (line !== '') break;
  }
  return comments;
}

/** @param {readonly string[]} comments @param {string} name */
function valueOf(comments, name) {
  const comment = comments.find((text) => text.startsWith(`${name}:`));
  return comment?.slice(name.length + 1).trim();
}

/** Readers see no comments: the reason must stand in the text around the block, too. */
function requireVisible(
  /** @type {string} */ file,
  /** @type {readonly string[]} */ lines,
  /** @type {number} */ start,
  /** @type {number} */ end,
  /** @type {string} */ reason,
) {
  const around = [...lines.slice(Math.max(0, start - 12), start), ...lines.slice(end, end + 12)];
  const visible = around.filter((line) => !line.trim().startsWith('<!--')).join(' ');
  if (plain(visible).includes(plain(reason))) return;
  throw new Error(`${file}:${start + 1}: the reason "${reason}" must also stand in the text near the block`);
}

function plain(/** @type {string} */ text) {
  return text
    .toLowerCase()
    .replaceAll(/[`*_\s]+/g, ' ')
    .trim();
}
