using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Tests;

/// <summary>Tables are text for people; promises, plots and comparisons find their figures in them.</summary>
public sealed class TableTests
{
    private static readonly Table Transfers = Measures.Of(
        ("transfers a second, random pairs", "12,921", "goal 10,000"), ("  ratio", "0.56", ""), ("transfers a second, all into one", "16,912", ""), ("  ratio", "5.65", "")).Tables[0];

    [Theory]
    [InlineData("12,921", 12_921.0)]
    [InlineData("0.56 ms", 0.56)]
    [InlineData("1,234.5 µs, 6", 1_234.5)]
    [InlineData("-3 %", -3.0)]
    [InlineData("mean 4.", 4.0)]
    [InlineData("none", null)]
    [InlineData("", null)]
    public void The_first_number_of_a_cell_is_its_figure(string cell, double? figure) => Assert.Equal(figure, Figures.First(cell));

    [Theory]
    [InlineData("transfers a second, random", 12_921.0)]
    [InlineData("transfers a second, random // ratio", 0.56)]
    [InlineData("transfers a second, all // ratio", 5.65)]
    [InlineData("transfers a second, none", null)]
    public void A_figure_is_found_by_its_row_and_by_the_row_above_it(string row, double? figure) => Assert.Equal(figure, Transfers.Find(row, "figure"));

    [Fact]
    public void A_column_that_is_not_there_has_no_figure() => Assert.Null(Transfers.Find("transfers", "p50"));

    [Fact]
    public void Markdown_has_as_many_cells_in_each_line_and_lines_below_another_are_marked()
    {
        var lines = Transfers.Markdown().TrimEnd().Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.Equal(4, line.Count(c => c == '|')));
        Assert.StartsWith("| · ratio", lines[3], StringComparison.Ordinal);
    }
}
