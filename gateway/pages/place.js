/* The button that puts the telephone's position into the form. Nothing is asked of the device before it is pressed, and the
 * browser asks its owner then; what comes goes into hidden fields of this form and nowhere else. ES5, for old telephones. */
(function () {
  'use strict';
  var button = document.getElementById('here'), note = document.getElementById('here-note');
  var form = button && button.form;
  if (!button || !navigator.geolocation) return;
  function put(name, value) { form.elements[name].value = value; }
  button.hidden = false;
  button.addEventListener('click', function () {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(function (p) {
      put('lat', p.coords.latitude.toFixed(6));
      put('lon', p.coords.longitude.toFixed(6));
      put('accuracy', Math.max(1, Math.round(p.coords.accuracy || 1)));
      note.textContent = button.getAttribute('data-done');
      button.hidden = true;
    }, function () {
      note.textContent = button.getAttribute('data-none');
      button.disabled = false;
    }, {enableHighAccuracy: true, timeout: 15000, maximumAge: 60000});
  });
})();
