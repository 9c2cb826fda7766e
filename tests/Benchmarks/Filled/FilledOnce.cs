using Agora.Journal;

namespace Agora.Benchmarks.Filled;

/// <summary>A table whose rows are written, where it has none.</summary>
internal static class FilledOnce
{
    private const int Batch = 1_000;

    public static async Task Make(IJournal journal, TableShape table, int rows, Func<int, OwnedUpsert> row)
    {
        if ((await journal.Query(new(table, [], [], 0, 1) { CountUpTo = 1 }, default)).TotalCount > 0) return;
        for (var n = 0; n < rows; n += Batch) await journal.Write([.. Enumerable.Range(n, Math.Min(Batch, rows - n)).Select(row)], default);
    }
}
