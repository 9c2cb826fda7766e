using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Growing;

/// <summary>
/// What becomes of each as there is more of something: sessions, rows of the journal, payments in lists, campaigns, connections. <c>--sessions 1000,10000</c> says which sizes, <c>--sessions none</c> leaves that out.
/// </summary>
internal static class Growth
{
    /// <summary>Title of the table that says how much the last of each is of the first.</summary>
    public const string Flat = "Last beside first";

    public static IReadOnlyList<Plot> Plots => [.. SessionGrowth.Plots, .. JournalGrowth.Plots, .. ListGrowth.Plots, .. CampaignGrowth.Plots, .. ConnectionGrowth.Plots];

    public static async Task<Measures> Run(Options options)
    {
        async Task<IReadOnlyList<Table>> Of(string name, string otherwise, Func<IReadOnlyList<int>, Task<IReadOnlyList<Table>>> measure) =>
            Sizes(options, name, otherwise) is { Count: > 0 } sizes ? await measure(sizes) : [];
        List<Table> tables =
        [
            .. await Of("sessions", "1000,10000", async sizes => [await SessionGrowth.Measure(sizes)]),
            .. await Of("journal", "10000,100000", async sizes => [await JournalGrowth.Measure(sizes, options.Number("journal-sessions", 1_000))]),
            .. await Of("lists", "10000,100000", sizes => ListGrowth.Measure(sizes, options.Number("times", 50))),
            .. await Of("campaigns", "1000,10000", sizes => Task.FromResult<IReadOnlyList<Table>>([CampaignGrowth.Measure(sizes, options.Number("seconds", 3))])),
            .. await Of("connections", "1,16,256", async sizes => [await ConnectionGrowth.Measure(sizes, options)]),
        ];
        return new(["rebuild, verify-journal and check have a heap of 256 MB at most; without a limit the collector takes what the machine has"], [.. tables, Table(tables)]);
    }

    public static string Milliseconds(TimeSpan time) => Report.Of(time.TotalMilliseconds, 2);

    private static IReadOnlyList<int> Sizes(Options options, string name, string otherwise) =>
        options.Text(name, otherwise) is var text && text == "none" ? [] : [.. text.Split(',').Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Of each figure that should not change, by how much it does; above 1 is worse.</summary>
    private static Table Table(IReadOnlyList<Table> tables) => new(Flat, ["", "from", "to", "last / first", "what it rests on"],
    [
        .. from level in SessionGrowth.Levels.Concat(JournalGrowth.Levels).Concat(ListGrowth.Levels).Concat(CampaignGrowth.Levels)
           let table = tables.FirstOrDefault(t => t.Title == level.Table)
           where table?.Rows.Count > 1
           let at = table.Columns.ToList().IndexOf(level.Column)
           let figures = (First: Figures.First(table.Rows[0][at]), Last: Figures.First(table.Rows[^1][at]))
           where figures is { First: > 0, Last: > 0 }
           select (IReadOnlyList<string>)
           [
               level.What, table.Rows[0][0], table.Rows[^1][0], Report.Of(level.IsRate ? figures.First!.Value / figures.Last!.Value : figures.Last!.Value / figures.First!.Value, 2), level.Why,
           ],
    ]);
}

/// <summary>A figure that should stay level as its table goes down.</summary>
/// <param name="IsRate">More of it is better.</param>
/// <param name="Why">What it rests on, so that it stays, or what makes it rise.</param>
internal sealed record Level(string What, string Table, string Column, bool IsRate, string Why);
