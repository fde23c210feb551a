import { defineStore } from 'pinia';
import { desksApi } from '../api/desks';
import { useQueue } from '../live/queue';

export const useInbox = defineStore('inbox', () => useQueue(() => desksApi.inbox()));
