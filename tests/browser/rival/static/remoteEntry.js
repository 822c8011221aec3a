// A prebuilt extension by hand: it claims the content provider that shared documents need.
(window._JUPYTERLAB = window._JUPYTERLAB || {})['a-rival'] = {
  init() {},
  get: () =>
    Promise.resolve(() => ({
      __esModule: true,
      default: {
        id: 'a-rival:content-provider',
        autoStart: true,
        activate: app => {
          const drive = app.serviceManager.contents.defaultDrive;
          drive.contentProviderRegistry.register('rtc', { get: path => drive.get(path) });
        }
      }
    }))
};
