using System.Text;
using Notebook.Cli.Notebooks;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Notebooks;

public sealed class NotebookDocumentTests
{
    private static NotebookDocument Parse(string json) => NotebookDocument.Parse(Encoding.UTF8.GetBytes(json), "book.ipynb");

    [Fact]
    public void What_we_do_not_know_stays_as_it_was()
    {
        const string text = """
            {
             "cells": [
              {
               "cell_type": "markdown",
               "id": "a",
               "metadata": {
                "mine": [
                 1.50
                ]
               },
               "source": [
                "héllo <b>"
               ]
              }
             ],
             "future": null,
             "metadata": {},
             "nbformat": 4,
             "nbformat_minor": 5
            }

            """;
        Assert.Equal(text, Parse(text).ToText());
    }

    [Fact]
    public void Cells_are_numbered_as_a_reader_counts_and_know_their_tags()
    {
        var cells = Parse("""
            {"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"mine"}},"cells":[
              {"cell_type":"markdown","source":"text"},
              {"cell_type":"code","source":["a\n","b"],"metadata":{"tags":["raises-exception"]}},
              {"cell_type":"code","source":"c","metadata":{"tags":["skip-execution"]}},
              {"cell_type":"code","source":" \n"}]}
            """).CodeCells;
        Assert.Equal([2, 3, 4], cells.Select(c => c.Number));
        Assert.Equal("a\nb", cells[0].Source);
        Assert.Equal([true, false, false], cells.Select(c => c.IsToRun));
        Assert.Equal([true, false, false], cells.Select(c => c.MayFail));
    }

    [Theory]
    [InlineData("not json", "is no notebook")]
    [InlineData("[]", "is no notebook")]
    [InlineData("""{"nbformat":3,"worksheets":[]}""", "is of nbformat 3")]
    [InlineData("""{"nbformat":4}""", "no list of cells")]
    public void Other_files_are_refused_in_words(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserException>(() => Parse(json)).Message, StringComparison.Ordinal);
}
