import { fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, resourceUsage } from 'node:process';
import { campaign, type Extent, type Finding, type Outcome } from './campaign.js';
import { allCombinations, type Combination } from './combinations.js';
import { Dice } from './dice.js';

/** Which campaign a process runs. */
export interface CampaignOrder extends Required<Omit<Extent, 'onMutation'>> {
  readonly combination: string;
}

/** What a campaign saw, and what its process took. */
export interface CampaignReport extends Outcome {
  /** Most bytes of memory that the process had. */
  resident: number;
}

const orderOfProcess = 'MEMO_FUZZ_ORDER';
const logOfProcess = 'MEMO_FUZZ_LOG';

/** So little that what takes too much memory is noticed by the end of the process. */
const megabytesOfHeap = 256;
/** Milliseconds without a further mutation after which a process hangs. */
const patience = 30_000;
/** Processes that may die of one campaign. */
const mostDeaths = 10;

/** Whether this process was started to run a campaign. */
export function isCampaignProcess(): boolean {
  return orderOfProcess in env;
}

/** Runs the campaign that this process was started for, and reports to the one that started it. */
export async function runAsCampaignProcess(): Promise<void> {
  const { combination: name, ...extent } = JSON.parse(env[orderOfProcess]!) as CampaignOrder;
  const combination = await combinationNamed(name);
  const log = openSync(env[logOfProcess]!, 'w');
  const place = new Float64Array(1);
  const onMutation = (index: number): void => {
    place[0] = index;
    writeSync(log, place, 0, 8, 0);
  };
  const outcome = await campaign(combination, { ...extent, onMutation });
  closeSync(log);
  const findings = outcome.findings.map((finding) => ({ ...finding, bytes: [...finding.bytes] }));
  process.send!({ ...outcome, findings, resident: resourceUsage().maxRSS * 1024 });
  process.disconnect();
}

/** Runs a campaign in processes of their own: whenever one dies or hangs, the next goes on after what it died of. */
export async function startCampaign(order: CampaignOrder): Promise<CampaignReport> {
  const report: CampaignReport = {
    ...{ combination: order.combination, seed: order.seed, mutations: 0, refused: 0, read: 0, unchanged: 0 },
    ...{ growth: 0, slowest: 0, resident: 0, findings: [] },
  };
  const end = order.from + order.count;
  for (let [from, deaths] = [order.from, 0]; from < end && deaths < mostDeaths; deaths++) {
    const result = await runProcess({ ...order, from, count: end - from });
    if (!('death' in result)) return merged(report, result);
    report.findings.push(await findingOf(order, result));
    // What it saw until then died with it.
    report.mutations += result.index + 1 - from;
    from = result.index + 1;
  }
  return report;
}

function merged(before: CampaignReport, { findings, ...after }: CampaignReport): CampaignReport {
  const mutations = before.mutations + after.mutations;
  return { ...after, mutations, findings: [...before.findings, ...findings] };
}

interface Death {
  readonly death: string;
  /** The mutation that was read last. */
  readonly index: number;
}

async function runProcess(order: CampaignOrder): Promise<CampaignReport | Death> {
  const folder = mkdtempSync(join(tmpdir(), 'memo-fuzz-'));
  const log = join(folder, 'log');
  const indexNow = (): number => {
    try {
      const { buffer, byteOffset, byteLength } = new Uint8Array(readFileSync(log));
      return byteLength === 8 ? new DataView(buffer, byteOffset).getFloat64(0, true) : order.from;
    } catch {
      return order.from;
    }
  };
  try {
    return await reportOf(order, log, indexNow);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function reportOf(order: CampaignOrder, log: string, indexNow: () => number): Promise<CampaignReport | Death> {
  const child = fork(argv[1]!, [], {
    execArgv: [...process.execArgv, `--max-old-space-size=${megabytesOfHeap}`],
    env: { ...env, [orderOfProcess]: JSON.stringify(order), [logOfProcess]: log },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  return new Promise((resolve) => {
    let [index, isHanging, report] = [-1, false, undefined as CampaignReport | undefined];
    const watch = setInterval(() => {
      isHanging = index === indexNow();
      index = indexNow();
      if (isHanging) child.kill('SIGKILL');
    }, patience);
    child.on('message', (message) => (report = reportFrom(message)));
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const death = isHanging ? `took more than ${patience} ms` : `the process ended with ${String(signal ?? code)}`;
      resolve(report ?? { death, index: indexNow() });
    });
  });
}

function reportFrom(message: unknown): CampaignReport {
  const report = message as CampaignReport;
  return {
    ...report,
    findings: report.findings.map((finding) => ({ ...finding, bytes: Uint8Array.from(finding.bytes) })),
  };
}

async function findingOf({ combination, seed }: CampaignOrder, { death, index }: Death): Promise<Finding> {
  const { bytes } = await (await combinationNamed(combination)).mutation(new Dice(seed, index));
  return { combination, seed, index, wrong: death, bytes };
}

async function combinationNamed(name: string): Promise<Combination> {
  const combination = (await allCombinations()).find((each) => each.name === name);
  if (combination === undefined) throw new Error(`There is no combination '${name}'`);
  return combination;
}
