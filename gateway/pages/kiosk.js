/* The tablet at a window. It shows what the gateway tells it to, takes one tap, and goes back to rest. Kept on the tablet: its own
 * pairing, and taps that were not yet acknowledged (each under its service, sent again until it is stored). ES5 on purpose. */
(function () {
  'use strict';
  var PAIR = 'msd.kiosk', TAPS = 'msd.taps', HELD = 'msd.held', WHY_MS = 20000, THANKS_MS = 6000, SLIP_MS = 40000, PING_MS = 20000;
  var socket = null, isReady = false, wait = 500, pending = null, prompt = null, promptEnd = null, timer = null, ping = null, alive = true;
  var memory = {};

  function el(id) { return document.getElementById(id); }
  function load(key, empty) {
    try { return JSON.parse(window.localStorage.getItem(key)) || empty; } catch (e) { return memory[key] || empty; }
  }
  function save(key, value) {
    memory[key] = value;
    try {
      if (value === null) window.localStorage.removeItem(key); else window.localStorage.setItem(key, JSON.stringify(value));
    } catch (e) { /* storage may be switched off: the tap then lives as long as the page */ }
  }
  var paired = load(PAIR, null), taps = load(TAPS, []);

  function show(name) {
    var all = ['pair', 'rest', 'ask', 'why', 'thanks'], i, h;
    for (i = 0; i < all.length; i++) el(all[i]).hidden = all[i] !== name;
    document.documentElement.setAttribute('data-shows', name);
    h = el(name).getElementsByTagName('h1')[0];
    if (h && h.getAttribute('tabindex')) h.focus();
  }
  function after(ms, then) { clearTimeout(timer); timer = setTimeout(then, ms); }
  function rest() {
    clearTimeout(timer);
    clearTimeout(promptEnd);
    prompt = null;
    pending = null;
    show(paired ? 'rest' : 'pair');
  }

  /* --- taps --- */
  function send(frame) { if (socket && socket.readyState === 1) socket.send(JSON.stringify(frame)); }
  function sendTaps() { if (isReady) for (var i = 0; i < taps.length; i++) send(taps[i]); }
  function tapped(service) {
    for (var i = 0; i < taps.length; i++) if (taps[i].service === service) return true;
    return false;
  }
  function drop(service) {
    var left = [], i, had = false;
    for (i = 0; i < taps.length; i++) if (taps[i].service === service) had = true; else left.push(taps[i]);
    taps = left;
    save(TAPS, taps.length ? taps : null);
    return had;
  }
  /* The rating of `pending` as it stands; whoever has walked away by now has tapped a level, and that is all it says. */
  function finish() {
    var p = pending, boxes, codes = [], i;
    if (!p) return;
    pending = null;
    boxes = el('reasons').getElementsByTagName('input');
    for (i = 0; i < boxes.length; i++) if (p.level <= 2 && boxes[i].checked) codes.push(boxes[i].value);
    taps.push({ type: 'submit', id: p.service, key: p.service, service: p.service, nature: 'rate', rating: p.level, reasons: codes.join(','),
      consent: p.level <= 2 && el('consent').checked, text: '' });
    save(TAPS, taps);
    save(HELD, null);
    el('kept').hidden = isReady;
    el('slip').hidden = true;
    show('thanks');
    after(THANKS_MS, rest);
    sendTaps();
  }
  function tap(level) {
    var boxes, i;
    if (!prompt) return;
    pending = { service: prompt, level: level };
    clearTimeout(promptEnd);
    prompt = null;
    if (level > 2) { finish(); return; }
    boxes = el('why-form').getElementsByTagName('input');
    for (i = 0; i < boxes.length; i++) boxes[i].checked = false;
    save(HELD, pending); /* the tap counts whatever becomes of the tablet now */
    show('why');
    after(WHY_MS, finish);
  }
  function group(receipt) { return receipt.replace(/(\d{4})(?=\d)/g, '$1 '); }

  /* --- frames --- */
  function ready(frame) {
    var place = el('reasons'), i, label, box, name;
    isReady = true;
    wait = 500;
    el('away').hidden = true;
    el('where').textContent = frame.unit + (frame.window ? ' · ' + frame.window : '');
    while (place.firstChild) place.removeChild(place.firstChild);
    for (i = 0; i < frame.reasons.length; i++) {
      label = document.createElement('label');
      box = document.createElement('input');
      box.type = 'checkbox';
      box.value = frame.reasons[i].code;
      name = document.createElement('span');
      name.textContent = frame.reasons[i].name;
      label.appendChild(box);
      label.appendChild(name);
      place.appendChild(label);
    }
    if (!el('pair').hidden) rest();
    sendTaps();
  }
  function asked(frame) {
    if (tapped(frame.service) || (pending && pending.service === frame.service)) return;
    if (pending) finish();
    clearTimeout(timer);
    prompt = frame.service;
    show('ask');
    clearTimeout(promptEnd);
    promptEnd = setTimeout(rest, frame.seconds * 1000);
  }
  function refused(frame) {
    if (frame.code === 'kiosk_revoked') {
      save(PAIR, null);
      paired = null;
      isReady = false;
      rest();
      pairError(frame.message);
    } else if (frame.id && frame.code !== 'unavailable' && frame.code !== 'too_many_requests' && frame.code !== 'too_many') {
      drop(frame.id); /* rated before, or over: there is nothing more to do with it */
    } else if (frame.id) {
      setTimeout(sendTaps, 1000 * (frame.retry || 5));
    } else if (!paired) {
      pairError(frame.message);
    }
  }
  function pairError(words) { el('pair-error').textContent = words; el('pair-error').hidden = false; }
  function take(event) {
    var frame = JSON.parse(event.data);
    alive = true;
    if (frame.type === 'ready') ready(frame);
    else if (frame.type === 'prompt') asked(frame);
    else if (frame.type === 'rest') { if (prompt) rest(); }
    else if (frame.type === 'accepted') {
      if (drop(frame.id) && frame['case'] && !el('thanks').hidden) {
        el('receipt').textContent = group(frame.receipt);
        el('slip').hidden = false;
        after(SLIP_MS, rest);
      }
    } else if (frame.type === 'paired') {
      paired = { kiosk: frame.kiosk, secret: frame.secret };
      save(PAIR, paired);
      el('pair-error').hidden = true;
      hello();
    } else if (frame.type === 'refused') refused(frame);
  }

  /* --- the line --- */
  function hello() { if (paired) send({ type: 'kiosk', kiosk: paired.kiosk, secret: paired.secret }); }
  function lost() {
    isReady = false;
    socket = null;
    clearInterval(ping);
    if (paired) el('away').hidden = false;
    setTimeout(open, wait + Math.floor(Math.random() * 250));
    wait = Math.min(wait * 2, 15000);
  }
  function open() {
    var base = location.protocol === 'https:' ? 'wss://' : 'ws://';
    try { socket = new WebSocket(base + location.host + '/ws/intake', 'mashangdu.intake.v1'); } catch (e) { lost(); return; }
    socket.onopen = hello;
    socket.onmessage = take;
    socket.onclose = lost;
    alive = true;
    /* A line that died without a word is noticed by the answer that does not come. */
    ping = setInterval(function () {
      if (!alive && socket) { socket.close(); return; }
      alive = false;
      send({ type: 'ping' });
    }, PING_MS);
  }

  el('pair-form').onsubmit = function () {
    send({ type: 'pair', plaque: el('plaque').value, code: el('code').value.replace(/\s/g, '') });
    return false;
  };
  el('why-form').onsubmit = function () { clearTimeout(timer); finish(); return false; };
  el('why-form').onchange = function () { after(WHY_MS, finish); };
  el('ask').onclick = function (event) {
    var level = event.target.getAttribute && event.target.getAttribute('data-level');
    if (level) tap(Number(level));
  };
  pending = load(HELD, null);
  if (pending) finish(); else rest();
  open();
}());
