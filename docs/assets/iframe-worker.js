// @ts-check
// Browsers start no worker from a file. Where the book is opened as files, what Material's search
// asks of a worker is done by a script in a hidden frame.
"use strict";
if (location.protocol === "file:") {
  class FrameWorker extends EventTarget {
    /** @param {string | URL} address */
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      const inside = /** @type {Window & typeof globalThis} */ (frame.contentWindow);
      // Inside, `postMessage` speaks to whoever made the worker.
      inside.postMessage = (/** @type {unknown} */ data) => {
        this.dispatchEvent(new MessageEvent("message", { data }));
      };
      const script = inside.document.createElement("script");
      /** @type {Promise<void>} */
      this.ready = new Promise((resolve, reject) => {
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(`no ${address}`));
      });
      script.src = String(address);
      inside.document.body.append(script);
      this.inside = inside;
      this.frame = frame;
    }

    /** @param {unknown} data */
    postMessage(data) {
      void this.ready.then(() => {
        this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  }
  Object.assign(window, { Worker: FrameWorker });
}
