/** Runs in the page: milliseconds from the click on Workloads to the frame after the first rows. */
export async function firstPaint(): Promise<number> {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  const began = performance.now();
  [...document.querySelectorAll('a')].find(link => link.textContent?.startsWith('Workloads'))?.click();
  await new Promise<void>(resolve => {
    const isThere = () => document.querySelectorAll('.wl tr[data-row]').length > 20;
    if (isThere()) return resolve();
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  await frame();
  await frame();
  return performance.now() - began;
}
