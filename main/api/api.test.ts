import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { events, requests, streams } from '../../preload/contract/index.ts';
import { deployEvent, sampleDeployEvents } from '../../preload/contract/index.ts';
import { activity, activityStreams } from './activity.ts';
import { bindRequests, bindStreams, createApi } from './api.ts';
import { app, hostApp } from './app.ts';
import { cluster } from './cluster.ts';
import { deploy } from './deploy.ts';
import { images } from './images.ts';
import { logs, logStreams } from './logs.ts';
import { folders, projects } from './projects.ts';
import { removal } from './removal.ts';
import { settings } from './settings.ts';
import { setup } from './setup.ts';
import { sync, syncStreams } from './sync.ts';
import { createSampleEngine, createSampleHost } from './testing.ts';
import { terminals, terminalStreams } from './terminals.ts';
import { objects, objectStreams } from './objects.ts';
import { dashboard } from './dashboard.ts';
import { forwards, forwardStreams } from './forwards.ts';
import { workloads, workloadStreams } from './workloads.ts';

const engine = createSampleEngine();
const host = createSampleHost();
const domains = [
  app(engine),
  hostApp(host, engine.home),
  settings(engine),
  setup(engine),
  projects(engine),
  folders(host),
  images(engine),
  deploy(engine),
  workloads(engine),
  forwards(engine),
  dashboard(engine, host),
  objects(engine),
  logs(engine),
  terminals(engine),
  sync(engine),
  cluster(engine),
  removal(engine),
  activity(engine),
];

describe('handlers', () => {
  it('are exactly one for each request of the contract', () => {
    const all = domains.flatMap(domain => Object.keys(domain));
    expect(new Set(all).size).toBe(all.length);
    expect(all.toSorted()).toEqual(Object.keys(requests).toSorted());
    expect(Object.keys(bindRequests(engine, host)).toSorted()).toEqual(Object.keys(requests).toSorted());
  });
  it('are exactly one for each stream of the contract', () => {
    const all = [
      workloadStreams(engine),
      forwardStreams(engine),
      objectStreams(engine),
      logStreams(engine),
      terminalStreams(engine),
      syncStreams(engine),
      activityStreams(engine),
    ].flatMap(domain => Object.keys(domain));
    expect(all.toSorted()).toEqual(Object.keys(streams).toSorted());
    expect(Object.keys(bindStreams(engine)).toSorted()).toEqual(Object.keys(streams).toSorted());
  });
  it('cover every file of the contract that has requests', () => {
    const folder = new URL('../../preload/contract/', import.meta.url);
    const prefixes = new Set(Object.keys(requests).map(name => name.split('.')[0]));
    const files = readdirSync(folder).map(file => file.replace(/\.ts$/, ''));
    for (const prefix of prefixes) {
      // an object's diff belongs to the plan
      expect(files).toContain(prefix === 'changes' ? 'deploy' : prefix);
    }
  });
});

describe('samples', () => {
  const payloads: [string, { parse(value: unknown): unknown }, unknown][] = [
    ...Object.entries(requests).flatMap(([name, { in: input, out, sample }]) => [
      [`${name} in`, input, sample.in] as [string, typeof input, unknown],
      [`${name} out`, out, sample.out] as [string, typeof out, unknown],
    ]),
    ...Object.entries(streams).flatMap(([name, { in: input, item, sample }]) => [
      [`${name} in`, input, sample.in] as [string, typeof input, unknown],
      [`${name} item`, item, sample.item] as [string, typeof item, unknown],
    ]),
    ...Object.entries(events).map(
      ([name, { payload, sample }]) => [name, payload, sample] as [string, typeof payload, unknown],
    ),
    ...sampleDeployEvents.map(
      event => [`deploy event ${event.type}`, deployEvent, event] as [string, typeof deployEvent, unknown],
    ),
  ];
  it.each(payloads)('%s survives validation, structured clone and JSON', (_name, schema, sample) => {
    const parsed = schema.parse(sample);
    expect(parsed).toEqual(sample);
    expect(structuredClone(parsed)).toEqual(parsed);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
    expect(schema.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });
  it('has every kind of deploy event', () => {
    const kinds = deployEvent.options.map(option => option.shape.type.value);
    expect(sampleDeployEvents.map(event => event.type).toSorted()).toEqual(kinds.toSorted());
  });
});

describe('events', () => {
  it('drops one that does not fit, and keeps the others', () => {
    const seen: unknown[] = [];
    const sample = createSampleEngine();
    const stop = createApi(sample, host).onEvent((event, payload) => seen.push([event, payload]));
    const said: unknown[] = [];
    const { error } = console;
    console.error = (text: unknown) => said.push(text);
    sample.emit('projects.changed', { ids: 'p-1' } as never);
    console.error = error;
    sample.emit('projects.changed', { ids: ['p-1'] });
    expect(seen).toEqual([['projects.changed', { ids: ['p-1'] }]]);
    expect(said).toHaveLength(1);
    stop();
    expect(sample.listeners()).toBe(0);
  });

  it('takes secrets out of the errors that jobs keep', async () => {
    const sample = createSampleEngine();
    const job = {
      ...events['activity.changed'].sample,
      state: 'failed' as const,
      error: {
        code: 'tool-failed',
        message: 'docker login failed: password=hunter2',
        hint: 'Try https://me:hunter2@example.test/',
        details: { command: ['docker', 'login', '-p', 'x', '--password', 'hunter2'], token: 'hunter2' },
      },
    };
    sample.answer('activity.get', () => job);
    const api = createApi(sample, host);
    const context = { signal: new AbortController().signal, windowId: null };
    const answer = await api.handle('activity.get', { jobId: 'job-1' }, context);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    const seen: unknown[] = [];
    api.onEvent((_event, payload) => seen.push(payload));
    sample.emit('activity.changed', job);
    expect(JSON.stringify(seen)).not.toContain('hunter2');
  });
});
