global using System.Collections.Immutable;
global using Notebook.Contracts;
global using Notebook.Contracts.Agents;
global using Notebook.Contracts.Policies;
global using Notebook.Grains.Placement;
global using Notebook.Grains.Regimes;
global using Orleans;
global using Orleans.Runtime;
