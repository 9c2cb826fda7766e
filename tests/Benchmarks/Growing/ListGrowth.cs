using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Growing;

/// <summary>Pages and sums of payments, of the many that <see cref="Lists"/> measures those that operators ask for most, p95.</summary>
internal static class ListGrowth
{
    private static readonly string[] Asked = ["first page", "page deep in the middle", "of a user", "of a campaign, deep", "totals of a user"];

    public static IReadOnlyList<Plot> Plots =>
    [
        new Curves("growth-lists-sqlite.svg", "Lists on SQLite: p95 of a page, ms", Title("SQLite"), "payments", "ms", Asked),
        new Curves("growth-lists-postgres.svg", "Lists on PostgreSQL: p95 of a page, ms", Title("PostgreSQL"), "payments", "ms", Asked),
    ];

    public static IEnumerable<Level> Levels =>
        from store in new[] { "SQLite", "PostgreSQL" } from asked in Asked select new Level($"{store}: payments, {asked}, p95", Title(store), asked, IsRate: false, asked.StartsWith("totals", StringComparison.Ordinal) ? "sums of days are kept" : "an index in the order of the page");

    public static async Task<IReadOnlyList<Table>> Measure(IReadOnlyList<int> sizes, int times) =>
    [
        await Measure("SQLite", sizes, size => Lists.OfSqlite(size, times, "")),
        await Measure("PostgreSQL", sizes, size => Lists.OfPostgres(size, times)),
    ];

    private static async Task<Table> Measure(string store, IReadOnlyList<int> sizes, Func<int, Task<IReadOnlyList<(string What, string Value, string Goal)>>> measure)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (var size in sizes)
        {
            var lines = await measure(size);
            rows.Add([Report.Of(size), .. Asked.Select(asked => lines.First(line => line.What.Trim() == $"{asked}: p95").Value.Replace(" ms", "", StringComparison.Ordinal))]);
        }

        return new(Title(store), ["payments", .. Asked], rows);
    }

    private static string Title(string store) => $"Lists on {store}, p95 in ms";
}
