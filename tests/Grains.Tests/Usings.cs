global using System.Collections.Immutable;
global using Notebook.Contracts;
global using Notebook.Contracts.Agents;
global using Notebook.Contracts.Policies;
global using Xunit;
global using Notebook.TestKit;
global using Orleans;
