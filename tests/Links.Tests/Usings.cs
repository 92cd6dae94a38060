global using Notebook.Links.Protocol;
global using Notebook.TestKit;
global using Xunit;
