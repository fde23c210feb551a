/* Short words that go away by themselves; the newest replaces the one before and stays clear of the header. */
import { ElMessage } from 'element-plus/es/components/message/index';
import 'element-plus/es/components/message/style/css';

const BELOW_HEADER = 98;

export function toast(message: string, type: 'success' | 'error' = 'success', duration?: number): void {
  ElMessage.closeAll();
  ElMessage({ message, type, offset: BELOW_HEADER, ...(duration ? { duration, showClose: true } : {}) });
}
