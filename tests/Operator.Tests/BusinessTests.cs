namespace Agora.Operator.Tests;

/// <summary>The business page of the console.</summary>
public sealed class BusinessTests
{
    [Fact]
    public async Task A_target_of_a_day_stands_under_Yesterday_and_one_that_counts_what_there_is_under_Now()
    {
        await using var world = new ConsoleWorld { Settings = [new("AGORA_TARGETS", "payments=7,agents=1,developers=5")] };
        await world.InitializeAsync();
        var browser = await world.SignIn(ConsoleWorld.Viewer);

        await browser.Open("/console/business");

        var table = browser.Page.QuerySelector("main table")!;
        Assert.Equal("Measure | Least | Yesterday | Now | Reached", string.Join(" | ", table.QuerySelectorAll("th").Select(static cell => cell.TextContent.Trim())));
        Assert.Equal(
            ["Payments | 7 | 0 |  | no", "Agents | 1 |  | 1 | yes", "Developers | 5 |  | 0 | no"],
            table.QuerySelectorAll("tbody tr").Select(static row => string.Join(" | ", row.QuerySelectorAll("td").Select(static cell => cell.TextContent.Trim()))));
    }
}
