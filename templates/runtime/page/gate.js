/**
 * Runs first of all, and in words that every browser understands: one that lacks what the page
 * cannot do without is told so (page.html.j2). What is asked for came with the oldest browsers that
 * are supported, or shortly before.
 */
var needed = [Object.hasOwn, [].at, window.Worker, window.ReadableStream, window.AbortController];
for (var index = 0; index < needed.length; index++) {
  if (!needed[index]) document.documentElement.className = 'too-old';
}
