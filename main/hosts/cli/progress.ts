import type { DeployEvent, ObjectResult, RemovedItem } from '../../engine/deploy/index.ts';
import type { BuildStep } from '../../engine/images/index.ts';
import { nameOf, planText } from './plan-text.ts';

/** Turns the events of a deploy into lines for a person; a load's bytes are told in tenths. */
export function progressPrinter(write: (text: string) => void): (event: DeployEvent) => void {
  const steps = new Map<string, string>();
  const told = new Set<string>();
  const line = (text: string) => write(`${text}\n`);
  const once = (key: string, text: string) => {
    if (told.has(key)) return;
    told.add(key);
    line(text);
  };

  return event => {
    switch (event.type) {
      case 'plan':
        // the step that stops says it, and its problems follow
        if (event.plan.runnable) write(`${planText(event.plan)}\n`);
        return;
      case 'result':
        return;
      case 'step':
        if (event.state !== 'skipped' || event.step === 'load')
          line(`${mark[event.state]} ${event.step}: ${event.message}`);
        return;
      case 'build-started':
        line(`  ${event.image}: building ${event.reference}`);
        return;
      case 'build':
        if (event.event.type === 'step') buildStep(event.image, event.event.step);
        else if (event.event.type === 'output') {
          for (const text of event.event.text.replace(/\n$/, '').split('\n'))
            line(`  ${event.image} | ${text}`);
        } else if (event.event.type === 'warning') line(`  ${event.image}: warning: ${event.event.message}`);
        else if (event.event.type === 'method')
          line(`  ${event.image}: ${event.event.method} (${event.event.reason})`);
        return;
      case 'build-finished':
        line(
          event.state === 'done'
            ? `  ${event.image}: built in ${seconds(event.durationMs)}`
            : `  ${event.image}: ${event.state}${event.error ? `: ${event.error}` : ''}`,
        );
        return;
      case 'load': {
        if (event.state !== 'running') {
          line(`  ${event.image} → ${event.node}: ${event.state === 'done' ? 'loaded' : 'failed'}`);
          return;
        }
        if (event.totalBytes === 0) return;
        const tenth = Math.floor((10 * event.sentBytes) / event.totalBytes);
        once(`${event.image} ${event.node} ${tenth}`, `  ${event.image} → ${event.node}: ${tenth * 10} %`);
        return;
      }
      case 'object':
        line(`  ${nameOf(event.object.ref)}: ${event.object.result}${detail(event.object)}`);
        for (const { manager, field } of event.object.conflicts) line(`    ${field} is held by ${manager}`);
        return;
      case 'rollout':
        once(
          JSON.stringify([event.status.ref, event.status.message]),
          `  ${nameOf(event.status.ref)}: ${event.status.message}`,
        );
        for (const problem of event.status.problems) {
          once(JSON.stringify(problem), `    ${problem.message}\n    ${problem.hint}`);
          for (const text of problem.log) once(`${problem.pod} ${text}`, `    | ${text}`);
        }
        return;
      case 'removed':
        line(`  ${removedText(event.item)}`);
        return;
      case 'log':
        line(`  ${event.text}`);
    }
  };

  function buildStep(image: string, step: BuildStep): void {
    if (steps.get(step.id) === step.state) return;
    steps.set(step.id, step.state);
    if (step.state === 'done' || step.state === 'cached' || step.state === 'failed')
      line(
        `  ${image}: ${step.name}${step.state === 'done' ? '' : ` (${step.state})`}${step.error ? `: ${step.error}` : ''}`,
      );
  }
}

/** `Deployment api (shop): removed`. */
function removedText({ title, where, outcome, message }: RemovedItem): string {
  const place = where === null ? '' : ` (${where})`;
  return `${title}${place}: ${outcome === 'failed' ? `not removed: ${message}` : outcome}`;
}

/** Some results have nothing to add to their own word. */
const detail = ({ result, message }: ObjectResult) => (message && message !== result ? `: ${message}` : '');

const mark = { running: '▸', done: '✓', failed: '✗', skipped: '·', cancelled: '✗' } as const;
const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
