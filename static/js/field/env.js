// In WeChat and WeCom on iOS no service worker runs: say so, and lead to the home screen.
const agent = navigator.userAgent;

export const isIosWeChat = () => /iPhone|iPad|iPod/.test(agent) && /MicroMessenger|wxwork/i.test(agent);
export const canWorkOffline = () => "serviceWorker" in navigator && "indexedDB" in self && isSecureContext && !isIosWeChat();

export async function askToStay() {
  try {
    return (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
  } catch {
    return false;
  }
}
