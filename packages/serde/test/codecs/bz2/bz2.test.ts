import { codecContract } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { bz2 } from '../../../src/codecs/bz2/bz2.js';

const settings = { level: 9, maxOutputLength: 64 * 1024 * 1024, asyncAbove: 16 * 1024 };

describe('bz2', () => {
  codecContract({ describe, it, expect }, () => bz2(settings));
});
