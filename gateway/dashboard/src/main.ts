import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { watchPerson } from './live/person';
import './style/tokens.css';
import './style/base.css';
import './style/print.css';
import { router } from './router';
import { startLanguage } from './words';

watchPerson();
void startLanguage().then(() => createApp(App).use(createPinia()).use(router).mount('#app'));
