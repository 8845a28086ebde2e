import assert from "node:assert/strict";
import { test } from "node:test";

import { channels, inkOn } from "../../../../ui/widget/js/colour.js";
import { contrast } from "../../../../ui/widget/js/contrast.js";
import { direction, fill, money, pieces, safeUrl, textsFor } from "../../../../ui/widget/js/format.js";

test("only addresses of the web are followed", () => {
  const base = "https://shop.example/shelf/";
  assert.equal(safeUrl("/p/1", base), "https://shop.example/p/1");
  assert.equal(safeUrl("https://other.example/x", base), "https://other.example/x");
  for (const bad of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "http://", "", null, undefined]) {
    assert.equal(safeUrl(bad, base), null, String(bad));
  }
});

test("links in a text are found without the marks behind them", () => {
  assert.deepEqual(pieces("See https://shop.example/a?b=1. 或 http://x.example/é，好 javascript:alert(1)"), [
    { text: "See " },
    { text: "https://shop.example/a?b=1", link: "https://shop.example/a?b=1" },
    { text: ". 或 " },
    { text: "http://x.example/é", link: "http://x.example/%C3%A9" },
    { text: "，好 javascript:alert(1)" },
  ]);
  assert.deepEqual(pieces("<b>plain</b>"), [{ text: "<b>plain</b>" }]);
});

test("money is exact, and written as the locale writes it", () => {
  assert.equal(money({ amount: "1234.50", currency: "USD" }, "en"), "$1,234.50");
  assert.equal(money({ amount: "1234.50", currency: "USD" }, "zh"), "$1,234.50");
  assert.match(money({ amount: "9.99", currency: "EUR" }, "de"), /^9,99\s€$/);
  assert.equal(money({ amount: "9007199254740993.01", currency: "USD" }, "en"), "$9,007,199,254,740,993.01");
});

test("texts fall back one by one", () => {
  const shipped = { en: { send: "Send", stop: "Stop" } };
  const own = { de: { send: "Senden" }, "de-AT": { send: "Schicken" } };
  assert.deepEqual(textsFor("de", shipped, null, own), { send: "Senden", stop: "Stop" });
  assert.deepEqual(textsFor("de-AT", shipped, undefined, own), { send: "Schicken", stop: "Stop" });
});

test("places are filled, and unknown ones stay", () => assert.equal(fill("{a} of {b}", { a: 1 }), "1 of {b}"));

test("right to left", () => {
  assert.deepEqual(["ar", "he-IL", "fa", "en", "zh", "arn"].map(direction), ["rtl", "rtl", "rtl", "ltr", "ltr", "ltr"]);
});

test("the ink on a brand's colour can be read, whatever the colour", () => {
  for (let red = 0; red < 256; red += 15)
    for (let green = 0; green < 256; green += 15)
      for (let blue = 0; blue < 256; blue += 15) {
        const ink = { "#fff": [255, 255, 255], "#000": [0, 0, 0] }[inkOn([red, green, blue])];
        assert.ok(contrast([red, green, blue], ink) >= 4.5, `${red} ${green} ${blue}`);
      }
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.ok(Math.abs(contrast([119, 119, 119], [255, 255, 255]) - 4.48) < 0.01);
});

test("colours are read as a browser computes them", () => {
  assert.deepEqual(channels("rgb(30, 90, 72)"), [30, 90, 72]);
  assert.equal(channels("rgba(0, 0, 0, 0)"), undefined);
  assert.equal(channels("color(srgb 1 0 0)"), undefined);
});
