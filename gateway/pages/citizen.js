/* What makes a citizen's page more comfortable where a script may run; without it everything works as well. ES5, for old
 * telephones. It asks nobody but the gateway and says nothing that is not on the page.
 *
 * What a page offers it, all optional:
 *   <form data-keep>            words typed are kept on this device until they are sent; when the network is away the whole
 *                               form is kept and sent later with the same token, so it is stored once. A form without the
 *                               mark keeps nothing: the form of a report never has it.
 *   <textarea data-most="5000"> how many characters are left is said below it
 *   <input type="file">         chosen pictures are shown, each can be taken out again
 *   <div data-live hidden>      in it stands the newest stage of the case whose receipt a hidden field of the page holds;
 *                               shown when it changes. The receipt is taken from the field, never from an address.
 *   .receipt                    the form of this address was taken: what was kept of it is forgotten
 * The sentences are attributes of the script's own element, so they come from the catalogue. */
(function () {
  'use strict';
  var self = document.getElementById('js');
  var KEEP = 'msd-draft:', UNSENT = 'msd-unsent', HOURS = 20 * 3600000;

  function say(key, values) {
    var text = self.getAttribute('data-' + key) || '';
    for (var name in values) if (values.hasOwnProperty(name)) text = text.replace('#' + name + '#', values[name]);
    return text;
  }
  function store(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
      return true;
    } catch (e) { return false; }
  }
  function stored(key) {
    try { return localStorage.getItem(key); } catch (e) { return null; }
  }
  function each(list, call) {
    for (var i = 0; i < list.length; i++) call(list[i]);
  }
  function make(tag, className, text) {
    var e = document.createElement(tag);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  }
  function behind(place, e) { place.parentNode.insertBefore(e, place.nextSibling); }
  function pathOf(form) { return form.getAttribute('action') || location.pathname; }

  /* One line at the top of the page for what happens by itself. */
  var line = null;
  function tell(text) {
    var main = document.getElementById('main');
    if (!line) {
      line = make('p', 'note');
      line.setAttribute('role', 'status');
      main.insertBefore(line, main.firstChild);
    }
    line.textContent = text;
  }

  /* --- how many characters are left --- */

  function count(area) {
    var most = parseInt(area.getAttribute('data-most'), 10);
    var left = make('p', 'left');
    left.setAttribute('aria-live', 'polite');
    behind(area, left);
    function show() {
      var n = area.value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, 'x').length;
      left.textContent = n * 5 > most * 4 ? say('left', {n: most - n}) : '';
    }
    area.addEventListener('input', show);
    show();
  }

  /* --- chosen pictures --- */

  function preview(input) {
    var list = make('ul', 'chosen'), urls = [];
    var canTake = false;
    try { canTake = !!new DataTransfer().items; } catch (e) { canTake = false; }
    behind(input, list);
    function remove(at) {
      var kept, i;
      if (canTake) {
        kept = new DataTransfer();
        for (i = 0; i < input.files.length; i++) if (i !== at) kept.items.add(input.files[i]);
        input.files = kept.files;
      } else {
        input.value = '';
      }
      show();
      input.focus();
    }
    function entry(file, at) {
      var item = make('li'), button = make('button', '', say('remove')), picture;
      if (/^image\//.test(file.type) && window.URL) {
        picture = make('img');
        picture.alt = '';
        picture.src = URL.createObjectURL(file);
        urls.push(picture.src);
        item.appendChild(picture);
      }
      item.appendChild(make('span', '', file.name));
      button.type = 'button';
      button.setAttribute('aria-label', say('remove') + ' ' + file.name);
      button.addEventListener('click', function () { remove(at); });
      item.appendChild(button);
      list.appendChild(item);
    }
    function show() {
      each(urls, function (u) { URL.revokeObjectURL(u); });
      urls = [];
      list.textContent = '';
      for (var i = 0; input.files && i < input.files.length; i++) entry(input.files[i], i);
    }
    input.addEventListener('change', show);
  }

  /* --- words kept, forms sent later --- */

  function hasFiles(form) {
    var found = false;
    each(form.querySelectorAll('input[type=file]'), function (f) { found = found || (f.files && f.files.length > 0); });
    return found;
  }
  function bodyOf(form, pressed) {
    var parts = [];
    function add(name, value) { parts.push(encodeURIComponent(name) + '=' + encodeURIComponent(value)); }
    each(form.elements, function (e) {
      if (!e.name || e.disabled || e.type === 'file' || e.type === 'submit' || e.type === 'button') return;
      if ((e.type === 'radio' || e.type === 'checkbox') && !e.checked) return;
      add(e.name, e.value);
    });
    if (pressed && pressed.name) add(pressed.name, pressed.value);
    return parts.join('&');
  }
  function keep(form) {
    var area = form.querySelector('textarea'), key = KEEP + pathOf(form), was = stored(key), pressed = null;
    if (area && was && !area.value) {
      area.value = was;
      behind(area, make('p', 'left', say('draft')));
    }
    if (area) area.addEventListener('input', function () { store(key, area.value || null); });
    form.addEventListener('click', function (e) {
      if (e.target && e.target.tagName === 'BUTTON') pressed = e.target;
    });
    form.addEventListener('submit', function (e) {
      var kept;
      /* Files are not kept: the words are, and the page stays as it is. */
      if (hasFiles(form)) {
        if (navigator.onLine === false) {
          e.preventDefault();
          tell(say('pictures'));
        }
        return;
      }
      kept = store(UNSENT, JSON.stringify({to: pathOf(form), body: bodyOf(form, pressed), at: Date.now()}));
      if (kept && navigator.onLine === false) {
        e.preventDefault();
        tell(say('kept'));
        window.scrollTo(0, 0);
      }
    });
  }
  function unsent() {
    var u = null;
    try { u = JSON.parse(stored(UNSENT)); } catch (e) { u = null; }
    if (u && (typeof u.to !== 'string' || u.to.charAt(0) !== '/' || u.to.charAt(1) === '/' || Date.now() - u.at > HOURS)) {
      store(UNSENT, null); /* its token is too old: the words are still there as a draft */
      u = null;
    }
    return u;
  }
  var sending = false;
  function send() {
    var u = unsent(), ask;
    if (!u || sending || navigator.onLine === false) return;
    sending = true;
    ask = new XMLHttpRequest();
    ask.open('POST', u.to);
    ask.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    ask.onload = function () {
      var receipt = /class="receipt">([0-9 ]+)</.exec(ask.responseText), more = null;
      sending = false;
      if (ask.status >= 500) return;
      /* Asked for more while nobody looks: sent on with nothing added, once. */
      if (ask.status === 200) more = new DOMParser().parseFromString(ask.responseText, 'text/html').querySelector('[name=step]');
      if (more && u.body.indexOf('step=2') < 0) {
        store(UNSENT, JSON.stringify({to: u.to, body: bodyOf(more.form), at: u.at}));
        send();
        return;
      }
      store(UNSENT, null);
      if (ask.status === 201 && receipt) {
        store(KEEP + u.to, null);
        tell(say('sent', {receipt: receipt[1]}));
        clear(u.to);
      } else {
        tell(say('again'));
      }
    };
    ask.onerror = function () { sending = false; };
    ask.send(u.body);
  }
  /* The form that was kept is still on the page: it is empty now. */
  function clear(path) {
    each(document.querySelectorAll('form[data-keep]'), function (form) {
      var area = form.querySelector('textarea');
      if (pathOf(form) !== path) return;
      if (area) area.value = '';
      each(form.querySelectorAll('button'), function (b) { b.disabled = true; });
    });
  }

  /* --- the stage of a case, as it changes --- */

  function follow(place) {
    var field = document.querySelector('input[type=hidden][name=receipt]'), wait = 2000, first = null;
    if (!field || !window.WebSocket) return;
    function open() {
      var s;
      try {
        s = new WebSocket(location.protocol.replace('http', 'ws') + '//' + location.host + '/ws/intake', 'mashangdu.intake.v1');
      } catch (e) { return; }
      s.onopen = function () { s.send(JSON.stringify({type: 'follow', receipt: field.value})); };
      s.onmessage = function (m) {
        var f = {};
        try { f = JSON.parse(m.data); } catch (e) { return; }
        if (f.type === 'ping') s.send('{"type":"pong"}');
        if (f.type !== 'status') return;
        wait = 2000;
        if (first === null) first = f.state + f.sentence;
        else if (f.state + f.sentence !== first) {
          first = f.state + f.sentence;
          (place.querySelector('[data-live-text]') || place).textContent = f.sentence || '';
          place.hidden = false;
        }
      };
      s.onclose = function () {
        if (wait > 300000) return;
        setTimeout(open, wait);
        wait *= 2;
      };
    }
    open();
  }

  if (document.querySelector('.receipt')) {
    store(KEEP + location.pathname, null);
    store(UNSENT, null);
  } else if (document.querySelector('[role=alert],[name=step]')) {
    store(UNSENT, null); /* it was answered: not lost on the way */
  }
  each(document.querySelectorAll('textarea[data-most]'), count);
  each(document.querySelectorAll('input[type=file]'), preview);
  each(document.querySelectorAll('form[data-keep]'), keep);
  each(document.querySelectorAll('[data-live]'), follow);
  window.addEventListener('online', send);
  send();
})();
