import { defineStore } from 'pinia';
import { desksApi } from '../api/desks';
import { useQueue } from '../live/queue';

export const useReview = defineStore('review', () => useQueue(() => desksApi.review()));
