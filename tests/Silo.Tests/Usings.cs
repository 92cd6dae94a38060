global using System.Collections.Immutable;
global using Notebook.Contracts;
global using Notebook.Contracts.Agents;
global using Notebook.TestKit;
global using Xunit;
