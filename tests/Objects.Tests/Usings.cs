global using Notebook.Objects.Chunking;
global using Notebook.Objects.Disk;
global using Notebook.Objects.Transfer;
global using Xunit;
