using Notebook.Gateway;
using Notebook.Hosting;

return await ProcessMain.RunAsync("notebook gateway", GatewayCommand.Build(), args);
