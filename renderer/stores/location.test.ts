import { describe, expect, it } from 'vitest';
import { createLocation, fromHash, toHash, type Place } from './location.ts';

describe('places', () => {
  it.each<[string, Place]>([
    ['#/projects', { screen: 'projects', projectId: null }],
    ['#/setup', { screen: 'setup', projectId: null }],
    ['#/cluster', { screen: 'cluster', projectId: null }],
    ['#/p/p-1/changes', { screen: 'changes', projectId: 'p-1' }],
    ['#/p/a%2Fb%20c/overview', { screen: 'overview', projectId: 'a/b c' }],
  ])('%s', (hash, place) => {
    expect(fromHash(hash)).toEqual(place);
    expect(toHash(place)).toBe(hash);
  });

  it.each(['', '#', '#/nonsense', '#token=1', '#/p/', '#/p/%E0%A4%A/images'])('%s is home', hash => {
    expect(fromHash(hash)).toEqual({ screen: 'projects', projectId: null });
  });

  it('remembers the project last looked at', () => {
    const location = createLocation(window);
    location.go({ screen: 'images', projectId: 'p-1' });
    location.go({ screen: 'setup', projectId: null });
    expect(location.store.getState()).toEqual({
      place: { screen: 'setup', projectId: null },
      lastProject: 'p-1',
    });
    location.close();
  });
});
